package lpchat

import java.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** What [next] gives, until it gives nothing. */
internal fun <Item : Any> iteratorBy(next: () -> Item?): Iterator<Item> = generateSequence(next).iterator()

/** The same, suspending. */
internal fun <Item : Any> flowBy(next: suspend () -> Item?): Flow<Item> = flow {
    while (true) emit(next() ?: break)
}

internal fun <Page, Item> itemsOf(
    pages: Iterable<Page>,
    items: (Page) -> List<Item>,
    failures: (Page) -> List<RecordFailure>,
): Iterator<Item> = iterator {
    val unreadable = mutableListOf<RecordFailure>()
    for (page in pages) {
        unreadable += failures(page)
        yieldAll(items(page))
    }
    refuse(unreadable)
}

internal fun <Page, Item> flowOfItems(
    pages: Flow<Page>,
    items: (Page) -> List<Item>,
    failures: (Page) -> List<RecordFailure>,
): Flow<Item> = flow {
    val unreadable = mutableListOf<RecordFailure>()
    pages.collect { page ->
        unreadable += failures(page)
        items(page).forEach { emit(it) }
    }
    refuse(unreadable)
}

/** The code of `UnexpectedShape`; numbers of codes never change. */
private const val UNEXPECTED_SHAPE = 1202

private fun refuse(failures: List<RecordFailure>) {
    val first = failures.firstOrNull() ?: return
    val count = if (failures.size == 1) "A record" else "${failures.size} records"
    throw LpchatException.Decode(
        ErrorDetails(
            code = UNEXPECTED_SHAPE,
            name = "UnexpectedShape",
            message = "$count could not be read: ${first.message} at ${first.path}.",
            hint = "Read `pages()`, whose pages have the JSON of each in `failures`.",
            retryable = false,
            operation = "",
            httpStatus = null,
            serviceCode = null,
            serviceMessage = null,
            attempts = 0,
            elapsed = Duration.ZERO,
            requestId = "",
            retryAfter = null,
            cause = null,
        ),
    )
}
