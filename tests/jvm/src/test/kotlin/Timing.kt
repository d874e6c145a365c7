package lpchat.tests

import kotlin.time.DurationUnit
import kotlin.time.measureTime
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import lpchat.ChatRequest
import lpchat.Client

private const val CALLS = 500

/** Prints what a call costs against the sandbox. No test: `mvn -f tests/jvm/reactor.xml test-compile` builds it. */
object Timing {
    @JvmStatic
    fun main(arguments: Array<String>) = hurriedSandbox(engagements = 2000).use { sandbox ->
        Client(sandbox.config).use { client ->
            val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
            repeat(2) { round ->
                say(round, "blocking call") { repeat(CALLS) { chat.retrieveInformation() } }
                say(round, "suspending call") { runBlocking { repeat(CALLS) { chat.retrieveInformationAsync() } } }
                say(round, "suspending call on Dispatchers.Default") { runBlocking(Dispatchers.Default) { repeat(CALLS) { chat.retrieveInformationAsync() } } }
                say(round, "future") { repeat(CALLS) { chat.retrieveInformationFuture().join() } }
                say(round, "call of $CALLS at once") { runBlocking { List(CALLS) { async { chat.retrieveInformationAsync() } }.awaitAll() } }
                say(round, "call that asks nothing of the service") { repeat(CALLS) { client.metrics() } }
            }
            val search = client.history.search(lastMonth())
            var records = 0
            val time = measureTime { for (page in search.pages()) records += page.records.size }
            println("history: $records records, ${time.toDouble(DurationUnit.MILLISECONDS) / records} ms each, $time in all")
        }
    }

    private fun say(round: Int, what: String, work: () -> Unit) {
        val time = measureTime(work).toDouble(DurationUnit.MILLISECONDS) / CALLS
        if (round > 0) println("%-45s %.3f ms".format(what, time))
    }
}
