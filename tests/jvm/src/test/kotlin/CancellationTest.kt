package lpchat.tests

import java.util.concurrent.CancellationException
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import lpchat.ChatRequest
import lpchat.LpchatException
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class CancellationTest {
    @Test
    fun `a cancelled coroutine leaves the server at once`() = sandboxed { sandbox, client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        sandbox.hang("visitor.info", times = 2)
        runBlocking {
            val call = launch(Dispatchers.Default) { chat.retrieveInformationAsync() }
            sandbox.awaitSeen("visitor.info", 1)
            val began = System.nanoTime()
            call.cancelAndJoin()
            val took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)
            assertTrue(took < 100, "cancelling took $took ms")
            assertThrows(TimeoutCancellationException::class.java) {
                runBlocking { withTimeout(100) { chat.retrieveInformationAsync() } }
            }
        }
        sandbox.awaitAborted("visitor.info", 2)
        assertEquals(0, client.metrics.inFlight, "nothing runs on")
        assertTrue(chat.retrieveInformation().state != null, "the client goes on")
    }

    @Test
    fun `a cancelled future leaves the server at once`() = sandboxed { sandbox, client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        sandbox.hang("visitor.info")
        val call = chat.retrieveInformationFuture()
        sandbox.awaitSeen("visitor.info", 1)
        call.cancel(true)
        assertThrows(CancellationException::class.java) { call.join() }
        sandbox.awaitAborted("visitor.info", 1)
    }

    @Test
    fun `closing a client ends the calls of others, and says so`() = sandboxed { sandbox, client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        sandbox.hang("visitor.info")
        runBlocking {
            val call = async(Dispatchers.Default) { runCatching { chat.retrieveInformationAsync() }.exceptionOrNull() }
            sandbox.awaitSeen("visitor.info", 1)
            client.close()
            val ended = call.await()
            assertTrue(ended is LpchatException.Closed || ended is LpchatException.Cancelled, "$ended")
        }
        client.close()
        assertThrows(LpchatException.Closed::class.java) { chat.retrieveInformation() }
        assertThrows(LpchatException.Closed::class.java) { client.visitor.startChat(ChatRequest()) }
    }

    @OptIn(DelicateCoroutinesApi::class)
    @Test
    fun `user code never runs on the engine's thread`() = sandboxed { sandbox, client ->
        val chat = client.visitor.startChat(ChatRequest(skill = "Sales"))
        sandbox.admin("POST", "/admin/faults", """{"route": "visitor.info", "times": 10, "action": {"delay_ms": 100}}""")
        runBlocking {
            val state = GlobalScope.async(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
                chat.retrieveInformationAsync()
                // On the engine's only thread this call would wait for itself.
                chat.retrieveInformation()
                Thread.currentThread().name
            }
            assertShared(withTimeout(5000) { state.await() })
            val thread = chat.retrieveInformationFuture().thenApply { chat.retrieveInformation(); Thread.currentThread().name }
            assertShared(withTimeout(5000) { thread.await() })
        }
    }

    private fun assertShared(thread: String) = assertTrue("DefaultDispatcher" in thread, thread)
}
