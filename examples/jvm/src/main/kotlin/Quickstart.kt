import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import lpchat.ChatRequest
import lpchat.Client
import lpchat.LineSource
import lpchat.Sandbox
import lpchat.SearchQuery
import lpchat.VisitorChat

/** The first line of the agent from event [from] on. */
suspend fun VisitorChat.agentLine(from: Long = 0): String {
    while (true) {
        val line = retrieveEventsAsync(from).events.firstOrNull { it.source == LineSource.Agent }
        if (line != null) return line.text.orEmpty()
        delay(200)
    }
}

fun main() = runBlocking {
    Sandbox.start(seed = 7).use { sandbox ->
        Client(sandbox.config).use { client ->
            val chat = client.visitor.startChatAsync(ChatRequest(skill = "Sales", preChatLines = listOf("Order 42")))
            println("Agent:   ${chat.agentLine()}")
            println("Visitor: Where is my order?")
            val asked = chat.retrieveEventsAsync().nextId
            chat.addLineAsync("Where is my order?")
            println("Agent:   ${chat.agentLine(from = asked)}")
            chat.endAsync()

            val now = Instant.now()
            val query = SearchQuery(start = now - Duration.ofDays(30), end = now, keyword = "\"money back\"", limit = 5)
            client.history.search(query).asFlow().collect { engagement ->
                println("${engagement.startTime}  ${engagement.info.skillName}  ${engagement.info.agentFullName}  ${engagement.engagementId}")
            }
        }
    }
}
