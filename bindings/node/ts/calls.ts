/** Calls whose outcomes are still to come. */

import { type Outcome, native } from './native.js';

type Finish = (outcome: Outcome) => void;

const waiting = new Map<number, Finish>();

/** Keeps the process alive as long as calls are in flight. */
let keepAlive: NodeJS.Timeout | undefined;
const LONG = 2 ** 31 - 1;

/**
 * One outcome in so many that were there at once waits for the next turn of the event loop: a loop of calls that find all
 * there starves nobody.
 */
const TURN_AFTER = 64;
let given = 0;

/** What `convert` makes of the outcome of a call that was begun, which is there already or comes under its number. */
export function valueWhenDone<Value>(begun: number | Outcome, convert: (outcome: Outcome) => Value): Promise<Value> {
  return new Promise((resolve, reject) => {
    const finish = (outcome: Outcome): void => {
      try {
        resolve(convert(outcome));
      } catch (error) {
        reject(error);
      }
    };
    if (typeof begun === 'number') {
      note(begun, finish);
      return;
    }
    given = (given + 1) % TURN_AFTER;
    if (given === 0) {
      setImmediate(finish, begun);
    } else {
      finish(begun);
    }
  });
}

function note(number: number, finish: Finish): void {
  if (keepAlive === undefined) {
    keepAlive = setInterval(() => {}, LONG);
    native.onOutcomes(settle);
  } else if (waiting.size === 0) {
    keepAlive.ref();
  }
  waiting.set(number, finish);
}

/** Finishes the calls whose outcomes have come. */
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
