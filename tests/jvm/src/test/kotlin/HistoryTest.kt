package lpchat.tests

import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import lpchat.Channel
import lpchat.Client
import lpchat.KeywordArea
import lpchat.LpchatException
import lpchat.Sandbox
import lpchat.SearchQuery
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HistoryTest {
    private val sandbox: Sandbox = hurriedSandbox(engagements = 2000)
    private val client = Client(sandbox.config)
    private val query = lastMonth().copy(pageSize = 20)

    @AfterAll
    fun end() {
        client.close()
        sandbox.close()
    }

    @Test
    fun `records one by one, pages and counts agree`() {
        val search = client.history.search(query)
        val count = search.count()
        val records = search.toList()
        assertTrue(records.size in 41..count.toInt(), "${records.size} of $count")
        assertEquals(records.map { it.engagementId to it.info.engagementSequence }.toSet().size, records.size)
        assertTrue(records.zipWithNext().all { (one, two) -> one.startTime!! <= two.startTime!! })
        assertEquals(0, search.toList().size, "a search is read once")
        val pages = client.history.search(query).pages().toList()
        assertEquals(records, pages.flatMap { it.records })
        assertTrue(pages.size > 2 && pages.all { it.failures.isEmpty() })
        assertEquals(count, client.history.count(query))
    }

    @Test
    fun `the same without blocking a thread`() = runBlocking {
        val records = client.history.search(query.copy(limit = 50)).asFlow().toList()
        assertEquals(50, records.size)
        val pages = client.history.search(query).pagesAsFlow().take(2).toList()
        assertEquals(records.take(40), pages.flatMap { it.records })
    }

    @Test
    fun `filters, whole documents and single engagements`() {
        val found = client.history.search(
            query.copy(keyword = "\"money back\"", keywordAreas = listOf(KeywordArea.ChatLine), channel = Channel.Web),
        ).first()
        assertTrue(found.transcript.lines.any { "money back" in it.text.orEmpty().lowercase() })
        assertTrue(found.raw.text.startsWith("{"))
        val again = client.history.get(found.engagementId)
        assertTrue(found.engagementId in again.map { it.engagementId })
        assertEquals(emptyList<Any>(), client.history.get("nothing"))
    }

    @Test
    fun `a query that the service would refuse is refused here`() {
        val wide = SearchQuery(start = Instant.now() - Duration.ofDays(60), end = Instant.now(), sort = listOf("end:desc"))
        val refused = assertThrows(LpchatException.Configuration::class.java) { client.history.search(wide) }
        assertEquals("InvalidArgument", refused.details.name)
        assertTrue("31" in refused.message, refused.message)
        assertEquals(0, refused.details.attempts)
    }

    @Test
    fun `a record that cannot be read hides no other`() = sandboxed { sandbox, client ->
        val started = System.currentTimeMillis() - Duration.ofDays(9).toMillis()
        sandbox.admin("POST", "/admin/history", """{"info": {"engagementId": "12345678999", "startTimeL": $started, "duration": {"a": 1}}}""")
        val query = lastMonth()
        val page = client.history.search(query).pages().first { it.failures.isNotEmpty() }
        assertTrue("duration" in page.failures.first().path)
        assertTrue("12345678999" in page.failures.first().raw.text)
        val seen = mutableListOf<String>()
        val error = assertThrows(LpchatException.Decode::class.java) { client.history.search(query).forEach { seen += it.engagementId } }
        assertTrue(seen.isNotEmpty() && "pages()" in error.message, error.message)
        val flowed = assertThrows(LpchatException.Decode::class.java) { runBlocking { client.history.search(query).asFlow().toList() } }
        assertEquals(error.message, flowed.message)
    }
}
