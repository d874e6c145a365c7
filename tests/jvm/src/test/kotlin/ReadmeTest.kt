package lpchat.tests

import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import kotlin.io.path.readText
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import lpchat.ChatRequest
import lpchat.ChatState
import lpchat.Client
import lpchat.LineSource
import lpchat.Sandbox
import lpchat.SearchQuery
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What `bindings/uniffi/README.md` shows runs, because it stands here word for word. */
class ReadmeTest {
    private val project = Path.of("").toAbsolutePath()
    private val readme = project.resolve("../../bindings/uniffi/README.md").readText()

    @Test
    fun `the Kotlin quickstart runs`() = runBlocking {
        Sandbox.start(seed = 7).use { sandbox ->
            Client(sandbox.config).use { client ->
                val chat = client.visitor.startChatAsync(ChatRequest(skill = "Sales"))
                while (chat.retrieveInformationAsync().state != ChatState.Chatting) delay(200)
                chat.addLineAsync("Where is my order?")
                chat.endAsync()
                val query = SearchQuery(start = Instant.now() - Duration.ofDays(30), end = Instant.now(), limit = 5)
                client.history.search(query).asFlow().collect { println(it.transcript.lines.first().text) }
            }
        }
        assertAreHere("kotlin", "src/test/kotlin/ReadmeTest.kt")
    }

    @Test
    fun `the chat of the Kotlin section runs`() = runBlocking {
        Sandbox.start(seed = 7).use { sandbox ->
            Client(sandbox.config).use { client ->
                client.visitor.startChatAsync(ChatRequest(skill = "Sales")).use { chat ->
                    chat.waitUntilAcceptedAsync(Duration.ofSeconds(30))
                    chat.sendAsync("Where is my order?")
                    chat.events().collect { event ->
                        if (event.source == LineSource.Agent) println(event.text)
                        if (event.text.orEmpty().contains("order")) chat.endAsync()
                    }
                }
            }
        }
    }

    @Test
    fun `the Java quickstart runs`() {
        ReadmeJava.main()
        Sandbox.start(seed = 7).use { sandbox -> Client(sandbox.config).use(ReadmeJava::chat) }
        assertAreHere("java", "src/test/java/ReadmeJava.java")
    }

    private fun assertAreHere(language: String, file: String) {
        val source = project.resolve(file).readText()
        val snippets = readme.split("```$language\n").drop(1).map { it.substringBefore("```") }
        assertEquals(2, snippets.size)
        for (snippet in snippets) {
            val indented = Regex("(?m)^( +)${Regex.escape(snippet.lines().first())}$").find(source)?.groupValues?.get(1)
            val expected = snippet.trimEnd().prependIndent(indented.orEmpty())
            assertTrue(expected in source, "$file does not hold what the README shows:\n$expected")
        }
    }
}
