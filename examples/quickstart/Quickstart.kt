import java.time.Duration
import java.time.Instant
import lpchat.*

fun main() = Sandbox.start(seed = 7).use { sandbox ->
    Client(sandbox.config).use { client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales", preChatLines = listOf("Order 42")))
        println(chat.retrieveInformation().state)

        val now = Instant.now()
        val query = SearchQuery(start = now - Duration.ofDays(28), end = now, keyword = "\"money back\"", limit = 3)
        for (engagement in client.history.search(query)) {
            println("${engagement.startTime} ${engagement.skillName} ${engagement.transcript.lines.firstOrNull()?.text}")
        }
    }
}
