package lpchat.tests

import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.system.exitProcess
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.launch
import lpchat.ChatRequest
import lpchat.Client
import lpchat.ClientOptions
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Begins calls of every kind that get no answer, says so, and ends by leaving `main` or by `exitProcess`. */
object ExitInFlight {
    @OptIn(DelicateCoroutinesApi::class)
    @JvmStatic
    fun main(arguments: Array<String>) {
        val client = Client(ClientOptions(sandbox = arguments[0]))
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        GlobalScope.launch { chat.retrieveInformationAsync() }
        val future = chat.retrieveEventsFuture()
        thread(isDaemon = true) { chat.retrieveResources() }
        while (client.metrics.inFlight < 3) Thread.sleep(1)
        println("in flight")
        check(!future.isDone)
        if (arguments[1] == "exit") exitProcess(7)
    }
}

class ExitTest {
    @Test
    fun `twenty processes end cleanly with calls in flight`() = hurriedSandbox(engagements = 0).use { sandbox ->
        sandbox.hang("visitor.info", times = 1000)
        sandbox.hang("visitor.events", times = 1000)
        sandbox.hang("visitor.chat", times = 1000)
        repeat(20) { run ->
            val way = if (run % 2 == 0) "exit" else "return"
            val process = ProcessBuilder(
                "${System.getProperty("java.home")}/bin/java", "-Djna.library.path=${System.getProperty("jna.library.path")}", "-Xshare:auto",
                "-cp", System.getProperty("java.class.path"), "lpchat.tests.ExitInFlight", sandbox.line, way,
            ).start()
            val output = process.inputStream.bufferedReader()
            assertEquals("in flight", output.readLine())
            val began = System.nanoTime()
            assertTrue(process.waitFor(10, TimeUnit.SECONDS), "$way hangs")
            val took = Duration.ofNanos(System.nanoTime() - began)
            assertEquals("", process.errorStream.bufferedReader().readText())
            assertEquals(if (way == "exit") 7 else 0, process.exitValue())
            assertTrue(took < Duration.ofSeconds(2), "$way took $took")
        }
    }
}
