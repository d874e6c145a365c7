package lpchat

import java.util.concurrent.CompletableFuture
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.future.future as futureIn

/** Runs a suspending call; cancelling the future cancels the call. What is chained to it runs on a shared thread pool. */
internal fun <T> future(call: suspend () -> T): CompletableFuture<T> = CoroutineScope(Dispatchers.Default).futureIn { call() }

/**
 * Resumes a coroutine from the engine's thread.
 *
 * There is one such thread for all calls of the process. A coroutine without a dispatcher would run its user's code on
 * it, and a blocking call in that code would then wait for itself.
 */
internal fun <T> resumeOffWorker(continuation: CancellableContinuation<T>, value: T) {
    val dispatcher = continuation.context[ContinuationInterceptor]
    if (dispatcher == null || dispatcher === Dispatchers.Unconfined) {
        Dispatchers.Default.dispatch(EmptyCoroutineContext) { continuation.resume(value) }
    } else {
        continuation.resume(value)
    }
}
