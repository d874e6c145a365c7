package lpchat.tests

import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import lpchat.AvailabilityState
import lpchat.ChatEventType
import lpchat.ChatRequest
import lpchat.ChatState
import lpchat.LineRequest
import lpchat.LineSource
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ChatTest {
    @Test
    fun `a visitor's chat from the queue to its end, blocking`() = sandboxed { _, client ->
        val begun = Instant.now() - Duration.ofSeconds(5)
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales", preChatLines = listOf("Order 42")))
        val information = chat.awaitState(ChatState.Chatting)
        assertEquals("Sales", information.skillName)
        assertTrue(information.startTime!! > begun, "times are instants")
        chat.addLine("Grüße, 你好 🙂 <b>bold</b>\ttab")
        val mine = chat.awaitEvent { it.source == LineSource.Visitor && it.text?.startsWith("Grüße") == true }
        assertEquals("Grüße, 你好 🙂 <b>bold</b>\ttab", mine.text)
        assertEquals(ChatEventType.Line, mine.type)
        val answer = chat.awaitEvent { it.source == LineSource.Agent && it.id.toInt() > mine.id.toInt() }
        assertTrue(answer.text!!.isNotEmpty())
        val resources = chat.retrieveResources(fromId = answer.id.toLong())
        assertEquals(answer, resources.events.events.first())
        assertTrue("\"link\"" in resources.raw.text)
        chat.end()
        chat.awaitState(ChatState.Ended)
        chat.end()
        assertEquals(chat.id, client.visitor.chat(chat.id).id)
        assertTrue(client.metrics.requests > 5)
    }

    @Test
    fun `a visitor's chat, suspending`() = sandboxed { _, client ->
        runBlocking {
            val chat = client.visitor.startChatAsync(ChatRequest(skill = "Billing"))
            while (chat.retrieveInformationAsync().state != ChatState.Chatting) delay(10)
            assertNotNull(chat.addLineAsync("bye"))
            while (chat.retrieveInformationAsync().state != ChatState.Ended) delay(10)
        }
    }

    @Test
    fun `an agent accepts a chat, reads it and answers`() = sandboxed { _, client ->
        val session = client.agent.startSession()
        session.setAvailability(AvailabilityState.Online)
        assertEquals(AvailabilityState.Online, session.retrieveAvailability().chat)
        val visitor = client.visitor.startChat(ChatRequest(skill = "Human", preChatLines = listOf("anyone?")))
        until { session.retrieveIncomingRequests().ringingCount.takeIf { it > 0 } }
        val chat = assertNotNull(session.acceptChat()).let { session.chat(until { session.retrieveChatSessions().firstOrNull() }.chatSessionKey) }
        val id = chat.addLine(LineRequest(text = "Hello, this is a human."))
        val heard = visitor.awaitEvent { it.source == LineSource.Agent }
        assertEquals("Hello, this is a human.", heard.text)
        assertNotNull(id)
        assertEquals(ChatState.Chatting, chat.retrieveInformation().state)
        assertTrue(chat.retrieveResources().events.events.any { it.text == "anyone?" })
        chat.end()
        visitor.awaitState(ChatState.Ended)
        assertEquals(null, session.acceptChat(), "nothing rings")
    }

    @Test
    fun `a hundred chats at once on one client`() = sandboxed { _, client ->
        val ids = runBlocking {
            List(100) { index -> async { client.visitor.startChatAsync(ChatRequest(skill = "Sales", preChatLines = listOf("number $index"))).id } }.awaitAll()
        }
        assertEquals(100, ids.toSet().size)
    }
}
