package lpchat.tests

import java.time.Duration
import kotlin.concurrent.thread
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import lpchat.AvailabilityState
import lpchat.ChatRequest
import lpchat.ChatState
import lpchat.Client
import lpchat.ClientOptions
import lpchat.LineSource
import lpchat.LpchatException
import lpchat.VisitorChat
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Chats that live: events, scopes, and what keeps a chat. */
class LiveTest {
    private fun lively(work: (Client) -> Unit) = hurriedSandbox().use { sandbox ->
        val options = ClientOptions(
            sandbox = sandbox.line, pollInterval = Duration.ofMillis(20), quietPollInterval = Duration.ofMillis(40),
        )
        Client(options).use(work)
    }

    private fun Client.waiting(): VisitorChat = visitor.startChat(ChatRequest(skill = "Human"))

    private fun Client.stateOf(id: String) = visitor.chat(id).retrieveInformation().state

    private val soon: Duration = Duration.ofSeconds(10)

    @Test
    fun `a chat over its events, blocking`() = lively { client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        assertNull(chat.state)
        assertTrue(chat.waitUntilAccepted(soon))
        assertEquals(ChatState.Chatting, chat.state)
        assertNotNull(chat.send("Where is it?").eventId)
        val ids = mutableListOf<String>()
        for (event in chat.events()) {
            ids += event.id
            if (event.source == LineSource.Agent) chat.end()
        }
        assertEquals(ids.filter { it.isNotEmpty() }.distinct(), ids.filter { it.isNotEmpty() }, "each once")
        assertEquals("0", ids.first())
        assertEquals(0, chat.events().count(), "it is over for whoever asks again")
        assertEquals(0L, chat.events().stream().count())
    }

    @Test
    fun `the agent's side, and the same events in a flow`() = lively { client ->
        client.agent.startSession().use { session ->
            session.setAvailability(AvailabilityState.Online)
            assertNull(session.nextRing(Duration.ofMillis(30)))
            val visitor = client.waiting()
            assertEquals(1, session.nextRing(soon)!!.ringingCount)
            session.acceptChat()!!.use { agent ->
                assertTrue(visitor.waitUntilAccepted(soon))
                visitor.send("anyone?")
                runBlocking { assertEquals(LineSource.Visitor, agent.events().asFlow().first { it.text == "anyone?" }.source) }
                agent.send("Hello")
            }
            val rest = runBlocking { visitor.events().asFlow().toList() }
            assertTrue(rest.any { it.text == "Hello" })
            assertEquals(ChatState.Ended, rest.last { it.state != null }.state, "the agent's scope has ended the chat")
        }
        assertEquals(AvailabilityState.Away, client.agent.startSession().retrieveAvailability().chat)
    }

    @Test
    fun `a collector that is cancelled loses no event`() = lively { client ->
        val chat = client.waiting()
        val seen = mutableListOf<String>()
        runBlocking {
            repeat(10) { round ->
                val job = launch { chat.events().collect { seen += it.id } }
                delay(round * 7L)
                job.cancel(CancellationException("enough"))
                job.join()
            }
            assertNull(withTimeoutOrNull(200) { chat.events().collect { seen += it.id } })
        }
        chat.end()
        seen += chat.events().map { it.id }
        assertEquals(listOf("0", "1", "2"), seen.filter { it.isNotEmpty() })
    }

    @Test
    fun `a quiet chat is a timeout`() = lively { client ->
        val events = client.waiting().events()
        while (events.nextEvents(wait = Duration.ofMillis(200))!!.events.isNotEmpty()) {}
        val quiet = assertThrows(LpchatException.Timeout::class.java) { events.nextEvent(Duration.ofMillis(30)) }
        assertEquals("NothingCame", quiet.details.name)
    }

    @Test
    fun `the end of a scope leaves the chat unless it is kept`() = lively { client ->
        val ended = client.waiting().use { it.id }
        assertEquals(ChatState.Ended, client.stateOf(ended))
        val failed = client.waiting()
        assertThrows(IllegalStateException::class.java) { failed.use { error("on purpose") } }
        val (kept, document) = client.waiting().use { it.keep(true); it.id to it.save() }
        assertEquals(ChatState.Waiting, client.stateOf(kept))
        val again = client.visitor.resume(document)
        again.close()
        assertEquals(ChatState.Ended, client.stateOf(kept))
        again.close()
        assertThrows(IllegalStateException::class.java) { again.state }
    }

    @Test
    fun `a scope whose end fails is freed all the same`() = hurriedSandbox().use { sandbox ->
        val client = Client(sandbox.config)
        val chat = client.waiting()
        client.close()
        assertThrows(LpchatException.Closed::class.java) { chat.close() }
        chat.close()
    }

    @Test
    fun `closing the client ends a blocked loop`() = hurriedSandbox().use { sandbox ->
        val client = Client(sandbox.config)
        val chat = client.waiting()
        var failure: Throwable? = null
        val reader = thread { failure = runCatching { for (event in chat.events()) event.id }.exceptionOrNull() }
        Thread.sleep(100)
        client.close()
        reader.join(5000)
        assertEquals("LpchatException.Closed", failure?.javaClass?.canonicalName?.removePrefix("lpchat."))
        assertEquals(chat.id, client.savedChats.single().id)
    }
}
