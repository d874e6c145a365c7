// One chat between a visitor of ours and an agent of the service.

import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { LpchatError, LpchatNotFoundError, LpchatOutcomeUnknownError } from 'lpchat';

/**
 * Relays lines both ways until the chat is over.
 *
 * What the agent's side does becomes a list of messages, so that a visitor whose connection broke can go on where it
 * stood: the list is the truth, connections come and go.
 */
export class Relay {
  #chat;
  #messages = [];
  #changed = new EventEmitter().setMaxListeners(0);
  /** Lines of the visitor that the service has not taken yet: it refuses them until an agent has accepted. */
  #outbox = [];
  #sending = false;
  #state = 'waiting';
  #over = false;
  #pollMs;

  constructor(chat, pollMs) {
    this.#chat = chat;
    this.#pollMs = pollMs;
  }

  get over() {
    return this.#over;
  }

  /** Follows the chat to its end. Rejects only when `signal` does so. */
  async run(signal) {
    let fromId;
    while (!this.#over) {
      try {
        const { events, nextId } = await this.#chat.retrieveEvents({ fromId, signal });
        // The cursor moves with every answer, so that no event comes twice and none is left out.
        fromId = nextId;
        events.forEach((event) => this.#take(event));
        await this.#send(signal);
      } catch (error) {
        if (signal.aborted) {
          throw error;
        }
        this.#failed(error);
      }
      if (!this.#over) {
        // Polling also keeps the chat alive: the service gives it up after 40 s without a request.
        await sleep(this.#pollMs, undefined, { signal });
      }
    }
  }

  /** Hands a line of the visitor to the agent, as soon as there is one. */
  async say(text, signal) {
    this.#outbox.push(text);
    await this.#send(signal).catch((error) => this.#failed(error));
  }

  /** Ends the chat; the loop in `run` sees the end and stops. */
  async end() {
    await this.#chat.end();
  }

  /** All messages from number `from` on, as they come, until the chat is over. */
  async *messages(from, signal) {
    for (let next = from; ; ) {
      for (; next < this.#messages.length; next += 1) {
        yield { number: next, ...this.#messages[next] };
      }
      if (this.#over) {
        return;
      }
      await once(this.#changed, 'message', { signal });
    }
  }

  #take(event) {
    if (event.type === 'state' && event.state !== undefined) {
      this.#state = event.state;
      this.#over = event.state === 'ended';
      this.#tell({ type: 'state', state: event.state });
    } else if (event.type === 'line' && event.source === 'agent') {
      // The visitor's own lines come back as events, too; it has seen them.
      this.#tell({ type: 'line', by: event.by, text: event.text });
    }
  }

  /** Sends what waits, one line after the other: two at a time might change places. */
  async #send(signal) {
    if (this.#sending || this.#state !== 'chatting') {
      return;
    }
    this.#sending = true;
    try {
      while (this.#outbox.length > 0) {
        await this.#chat.addLine(this.#outbox[0], { signal }).catch(unlessUnknown(() => this.#warn()));
        this.#outbox.shift();
      }
    } finally {
      this.#sending = false;
    }
  }

  #failed(error) {
    if (LpchatNotFoundError.is(error)) {
      // The chat is over and its documents are gone: nobody will tell us more.
      this.#over = true;
      this.#tell({ type: 'state', state: 'ended' });
    } else if (!LpchatError.is(error) || !error.retryable) {
      this.#over = true;
      this.#tell({ type: 'problem', text: 'The chat had to be given up.', code: error.code });
    }
    // What is retryable was a bad moment: the next poll comes anyway, and sends what waits.
  }

  #warn() {
    this.#tell({ type: 'problem', text: 'Your last line may not have arrived.' });
  }

  #tell(message) {
    this.#messages.push(message);
    this.#changed.emit('message');
  }
}

/** A line that may have arrived is not sent again, or the agent might read it twice: the visitor is told and decides. */
function unlessUnknown(warn) {
  return (error) => {
    if (!LpchatOutcomeUnknownError.is(error)) {
      throw error;
    }
    warn();
  };
}
