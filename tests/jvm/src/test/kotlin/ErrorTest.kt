package lpchat.tests

import java.time.Duration
import kotlinx.coroutines.runBlocking
import lpchat.CallOptions
import lpchat.ChatRequest
import lpchat.Client
import lpchat.ClientOptions
import lpchat.LpchatException
import lpchat.OAuth2
import lpchat.Secret
import lpchat.VisitorAuthenticationRequest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ErrorTest {
    @Test
    fun `an error carries everything that is known`() = sandboxed(mapOf("scripted_agent" to "off")) { sandbox, client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        val error = assertThrows(LpchatException.ChatState::class.java) { chat.addLine("hello") }
        val details = error.details
        assertEquals(1501, details.code)
        assertEquals("NotChatting", details.name)
        assertEquals("VisitorChat.add_line", details.operation)
        assertEquals(400, details.httpStatus)
        assertEquals("5", details.serviceCode)
        assertEquals("Cannot add line while not in chat", details.serviceMessage)
        assertEquals(1, details.attempts)
        assertTrue(details.retryable && details.requestId.isNotEmpty() && details.elapsed > Duration.ZERO)
        assertTrue("pre_chat_lines" in details.hint)
        assertNull(details.retryAfter)
        assertTrue(
            error.message.startsWith("VisitorChat.add_line: The chat is not open for lines") &&
                "[HTTP 400, code 5] The service says: Cannot add line" in error.message && " Hint: Wait" in error.message &&
                "`preChatLines`" in error.message,
            error.message,
        )
        val suspended = assertThrows(LpchatException::class.java) { runBlocking { chat.addLineAsync("hello") } }
        assertEquals(details.copy(elapsed = Duration.ZERO, requestId = ""), suspended.details.copy(elapsed = Duration.ZERO, requestId = ""))
    }

    @Test
    fun `families are classes`() = sandboxed { sandbox, client ->
        assertThrows(LpchatException.NotFound::class.java) { client.visitor.chat("H1-00000000000000000000000000000000K1").retrieveInformation() }
        sandbox.admin("POST", "/admin/faults", """{"route": "visitor.start", "action": {"status": 429, "headers": {"Retry-After": "3"}}}""")
        val throttled = assertThrows(LpchatException.RateLimited::class.java) { client.visitor.startChat(ChatRequest(skill = "Sales"), once) }
        assertEquals(Duration.ofSeconds(3), throttled.details.retryAfter)
        sandbox.hang("visitor.start")
        assertThrows(LpchatException.OutcomeUnknown::class.java) {
            client.visitor.startChat(ChatRequest(skill = "Sales"), CallOptions(timeout = Duration.ofMillis(200)))
        }
        sandbox.admin("POST", "/admin/faults", """{"route": "visitor.info", "action": {"html": true}}""")
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        assertEquals(502, assertThrows(LpchatException.Server::class.java) { chat.retrieveInformation(once) }.details.httpStatus)
        sandbox.admin("POST", "/admin/faults", """{"route": "visitor.info", "action": {"garbage": true}}""")
        assertThrows(LpchatException.Decode::class.java) { chat.retrieveInformation(once) }
    }

    @Test
    fun `what is wrong with an argument or option is said before anything is sent`() {
        val domains = mapOf("agentVep" to "agent.example.liveperson.net", "engHistDomain" to "history.example.liveperson.net")
        val client = Client(ClientOptions(accountId = "12345678", appKey = Secret("k"), domains = domains))
        val refused = assertThrows(LpchatException.Configuration::class.java) { client.visitor.startChat(ChatRequest(maxWaitTimeSeconds = -1)) }
        assertTrue("`maxWaitTimeSeconds`" in refused.message && "-1" in refused.message, refused.message)
        assertThrows(LpchatException.Configuration::class.java) { Client(ClientOptions(accountId = "no spaces")) }
        assertEquals("UnusableCredential", assertThrows(LpchatException.Configuration::class.java) { client.agent.startSession() }.details.name)
        assertThrows(LpchatException.Configuration::class.java) { client.history.count(lastMonth()) }
        assertEquals(0, client.metrics.requests)
    }

    @Test
    fun `secrets do not print`() {
        val canary = "facade-canary-7"
        val printed = listOf(
            ClientOptions(
                accountId = "1", appKey = Secret(canary), clientSecret = Secret(canary), password = Secret(canary), bearer = Secret(canary),
                oauth1ConsumerSecret = Secret(canary), oauth1TokenSecret = Secret(canary), oauth2 = OAuth2("id", Secret(canary)), sandbox = canary,
            ),
            OAuth2(canary, Secret(canary)),
            VisitorAuthenticationRequest(Secret(canary), "1", "2", "3", "4", "5"),
            ChatRequest(skill = "Sales", ssoKey = Secret(canary)),
            Secret(canary),
            ClientOptions.builder().appKey(canary).build(),
        ).map { it.toString() }
        assertFalse(printed.any { canary in it }, "$printed")
        assertEquals("ChatRequest(skill, ssoKey)", printed[3])
        assertEquals(Secret(canary), Secret(canary))
        hurriedSandbox().use { sandbox ->
            assertFalse(sandbox.member("password") in "${sandbox.config}$sandbox")
            val wrong = Client(sandbox.config.copy(password = Secret(canary)))
            val error = assertThrows(LpchatException.Authentication::class.java) { wrong.agent.startSession(once) }
            assertFalse(canary in error.stackTraceToString() || canary in error.details.toString())
        }
    }
}
