/** Objects that hand out events, as async iterables. */

import { throwIfAborted } from './abort.js';
import type { CallOptions } from './generated/inputs.js';
import { here } from './failure.js';
import { Handle, callFrom, optionsOf } from './handle.js';

/**
 * What gives events one by one, in order. Each event is given once, whoever asks: a loop that was left goes on where it
 * stood when the object is iterated again.
 */
export abstract class EventIterable<Event> extends Handle implements AsyncIterable<Event> {
  abstract nextEvent(options?: CallOptions): Promise<Event | undefined>;

  /** The events from here on, until the stream is over. What is there already costs no wait. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    const options = optionsOf(this);
    const trace = here();
    const next = (): Promise<Event | undefined> => this.nextEvent(options);
    for (;;) {
      if (options?.signal) {
        throwIfAborted(options.signal);
      }
      const event = await callFrom(trace, next);
      if (event === undefined) {
        return;
      }
      yield event;
    }
  }
}
