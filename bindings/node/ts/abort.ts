/** Calls that a signal ends. */

import { argumentError } from './failure.js';

/** What to do when a signal aborts. Many calls share one listener: Node warns of a leak at the eleventh. */
const watched = new WeakMap<AbortSignal, { acts: Set<() => void>; listener: () => void }>();

function watch(signal: AbortSignal, act: () => void): void {
  let entry = watched.get(signal);
  if (entry === undefined) {
    const acts = new Set<() => void>();
    const listener = (): void => {
      watched.delete(signal);
      acts.forEach((pending) => pending());
    };
    entry = { acts, listener };
    watched.set(signal, entry);
    signal.addEventListener('abort', listener, { once: true });
  }
  entry.acts.add(act);
}

function unwatch(signal: AbortSignal, act: () => void): void {
  const entry = watched.get(signal);
  if (entry?.acts.delete(act) && entry.acts.size === 0) {
    watched.delete(signal);
    signal.removeEventListener('abort', entry.listener);
  }
}

/** Throws the reason of a signal that is aborted already. Signals of another realm are no `instanceof AbortSignal`. */
export function throwIfAborted(signal: AbortSignal): void {
  if (typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function') {
    throw argumentError('`signal` must be an AbortSignal, such as that of an AbortController.');
  }
  if (signal.aborted) {
    throw signal.reason;
  }
}

/** The outcome, unless the signal comes first: then the call is cancelled, and the promise rejects with its reason. */
export function unlessAborted<Outcome>(pending: Promise<Outcome>, signal: AbortSignal, cancel: () => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancel();
      reject(signal.reason);
    };
    watch(signal, abort);
    pending.then(resolve, reject).finally(() => unwatch(signal, abort));
  });
}
