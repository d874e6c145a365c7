package lpchat.tests

import java.time.Duration
import java.time.Instant
import lpchat.CallOptions
import lpchat.ChatEvent
import lpchat.ChatState
import lpchat.Client
import lpchat.Sandbox
import lpchat.SearchQuery
import lpchat.VisitorChat

/** A sandbox whose scripted agents hurry. */
fun hurriedSandbox(switches: Map<String, String> = emptyMap(), engagements: Int = 300): Sandbox = Sandbox.start(
    seed = 7,
    engagements = engagements,
    switches = mapOf("agent_accept_ms" to "60", "agent_answer_ms" to "30") + switches,
)

/** A month that begins and ends on the service's grid of ten minutes, so that no page holds records outside it. */
fun lastMonth(): SearchQuery = Instant.ofEpochSecond(Instant.now().epochSecond / 600 * 600).let { end ->
    SearchQuery(start = end - Duration.ofDays(28), end = end)
}

/** Repeats [look] until it gives something. */
fun <T : Any> until(limit: Duration = Duration.ofSeconds(5), look: () -> T?): T {
    val end = System.nanoTime() + limit.toNanos()
    while (true) {
        look()?.let { return it }
        check(System.nanoTime() < end) { "nothing within $limit" }
        Thread.sleep(10)
    }
}

fun VisitorChat.awaitState(state: ChatState) = until { retrieveInformation().takeIf { it.state == state } }

fun VisitorChat.awaitEvent(fits: (ChatEvent) -> Boolean): ChatEvent = until { retrieveEvents().events.firstOrNull(fits) }

/** The next requests on this route never get an answer. */
fun Sandbox.hang(route: String, times: Int = 1) {
    admin("POST", "/admin/faults", """{"route": "$route", "times": $times, "action": {"hang": true}}""")
}

/** Waits until the server has seen so many requests on this route. */
fun Sandbox.awaitSeen(route: String, count: Int) {
    until { journal(route).takeIf { it.size == count } }
}

/** Waits until the client has left so many requests on this route before their answer was complete. */
fun Sandbox.awaitAborted(route: String, count: Int) {
    until { journal(route).count { """"aborted":true""" in it }.takeIf { it == count } }
}

/** The entries of the journal, which are flat except for their query. */
private fun Sandbox.journal(route: String): List<String> =
    admin("GET", "/admin/requests").split(Regex("(?=\\{\"aborted\")")).filter { """"route":"$route"""" in it }

val once = CallOptions(retries = 0)

/** A test with a sandbox and a client of it, both ended after it. */
fun sandboxed(switches: Map<String, String> = emptyMap(), work: (Sandbox, Client) -> Unit) {
    hurriedSandbox(switches).use { sandbox -> Client(sandbox.config).use { client -> work(sandbox, client) } }
}
