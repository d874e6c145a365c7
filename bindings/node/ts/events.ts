/** Objects that hand out events, as async iterables. */

import { throwIfAborted } from './abort.js';
import type { CallOptions } from './generated/inputs.js';
import { Handle, optionsOf } from './handle.js';

/**
 * What gives events one by one, in order. Each event is given once, whoever asks: a loop that was left goes on where it
 * stood when the object is iterated again.
 */
export abstract class EventIterable<Event> extends Handle implements AsyncIterable<Event> {
  abstract nextEvent(options?: CallOptions): Promise<Event | undefined>;

  abstract readyEvent(): Event | undefined;

  /** The events from here on, until the stream is over. What is there already costs no wait. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    const options = optionsOf(this);
    for (;;) {
      if (options?.signal) {
        throwIfAborted(options.signal);
      }
      const event = this.readyEvent() ?? (await this.nextEvent(options));
      if (event === undefined) {
        return;
      }
      yield event;
    }
  }
}
