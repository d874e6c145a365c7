package lpchat.tests

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
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
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS

private const val EXITS = 200
private const val AT_ONCE = 4

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

/** Prints how many threads and sockets lpchat holds with a client, and after its first call. */
object ThreadsOfCalls {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val java = Thread.getAllStackTraces().keys
        // Java's own reading of files opens a pair of sockets the first time.
        val before = engineThreads() + sockets()
        val client = Client(ClientOptions(sandbox = arguments[0]))
        val others = Thread.getAllStackTraces().keys - java
        println("${engineThreads()} threads, ${sockets() - before} sockets, and of Java ${others.map { it.name }.sorted()}")
        client.visitor.startChat(ChatRequest(skill = "Sales"))
        println("${engineThreads()} threads, ${sockets() - before} sockets")
    }

    private fun engineThreads() = Path.of("/proc/self/task").listDirectoryEntries().count { it.resolve("comm").readText() == "lpchat\n" }

    private fun sockets() = Path.of("/proc/self/fd").listDirectoryEntries()
        .count { it.isSymbolicLink() && Files.readSymbolicLink(it).toString().startsWith("socket:") }
}

class ProcessTest {
    @Test
    fun `two hundred processes end cleanly with calls in flight`() = hurriedSandbox(engagements = 0).use { sandbox ->
        for (route in listOf("visitor.info", "visitor.events", "visitor.chat")) sandbox.hang(route, times = EXITS)
        val pool = Executors.newFixedThreadPool(AT_ONCE)
        try {
            val runs = (0 until EXITS).map { run -> Callable { exitInFlight(sandbox.line, if (run % 2 == 0) "exit" else "return") } }
            pool.invokeAll(runs).forEach { it.get() }
        } finally {
            pool.shutdownNow()
        }
    }

    private fun exitInFlight(sandbox: String, way: String) {
        val process = program(ExitInFlight::class, sandbox, way)
        assertEquals("in flight", process.inputStream.bufferedReader().readLine())
        val began = System.nanoTime()
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), "$way hangs")
        val took = Duration.ofNanos(System.nanoTime() - began)
        assertEquals("", process.errorStream.bufferedReader().readText())
        assertEquals(if (way == "exit") 7 else 0, process.exitValue())
        assertTrue(took < Duration.ofSeconds(2), "$way took $took")
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `there is no thread and no socket before the first call`() = hurriedSandbox(engagements = 0).use { sandbox ->
        val process = program(ThreadsOfCalls::class, sandbox.line)
        val (made, called) = process.inputStream.bufferedReader().readLines()
        // Java's and JNA's own: what frees unreachable objects, and what waits for `ldconfig`, which JNA asks once.
        assertTrue(Regex("0 threads, 0 sockets, and of Java \\[(Cleaner-\\d|JNA Cleaner|process reaper|, )*]").matches(made), made)
        assertEquals("1 threads, 1 sockets", called)
        assertEquals("", process.errorStream.bufferedReader().readText())
    }

    private fun program(main: kotlin.reflect.KClass<*>, vararg arguments: String): Process = ProcessBuilder(
        "${System.getProperty("java.home")}/bin/java", "-Djna.library.path=${System.getProperty("jna.library.path")}",
        "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), main.java.name, *arguments,
    ).start()
}
