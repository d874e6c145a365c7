/** Calls whose outcomes are still to come. */

import { type NativeCanceller, type NativeObject, type Outcome, native } from './native.js';

const waiting = new Map<number, (outcome: Outcome) => void>();

/** Keeps the process alive as long as calls are in flight. */
let keepAlive: NodeJS.Timeout | undefined;
const LONG = 2 ** 31 - 1;

/**
 * One outcome in so many that were there at once waits for the next turn of the event loop: a loop of calls that find all
 * there starves nobody.
 */
const TURN_AFTER = 64;
let given = 0;

/** Whether a call whose outcome was there at once should wait for that turn. */
export function isTurnDue(): boolean {
  given = (given + 1) % TURN_AFTER;
  return given === 0;
}

/** Begins an operation. What is there already comes at once. */
export function begin(
  target: NativeObject,
  method: string,
  [positional, isSoleText]: [string, boolean],
  options?: string,
  canceller?: NativeCanceller,
): Outcome | Promise<Outcome> {
  const begun = target.invoke(method, positional, isSoleText, options, canceller);
  if (typeof begun !== 'number') {
    return begun;
  }
  return new Promise((resolve) => {
    if (keepAlive === undefined) {
      keepAlive = setInterval(() => {}, LONG);
      native.onOutcomes(settle);
    } else if (waiting.size === 0) {
      keepAlive.ref();
    }
    waiting.set(begun, resolve);
  });
}

/** Settles the promises of calls whose outcomes have come. */
function settle(): void {
  for (const outcome of native.takeOutcomes()) {
    const number = outcome.call as number;
    waiting.get(number)?.(outcome);
    waiting.delete(number);
  }
  if (waiting.size === 0) {
    keepAlive?.unref();
  }
}
