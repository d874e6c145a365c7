/** Objects that hand out pages, as async iterables. */

import { ownError } from './failure.js';
import type { CallOptions } from './generated/inputs.js';
import { Handle, optionsOf } from './handle.js';

/**
 * What is read page by page: iterate it, or its pages. It is read once, whoever asks.
 *
 * A record that cannot be read hides no other one: iterating gives all that can be read, then throws.
 */
export abstract class Pageable<Page, Item> extends Handle implements AsyncIterable<Item> {
  abstract nextPage(options?: CallOptions): Promise<Page | undefined>;

  /** @internal */
  abstract itemsOf(page: Page): Item[];

  /** @internal */
  abstract failuresOf(page: Page): readonly { path: string; message: string }[];

  /** The remaining pages, one after the other. `options` are those of each page's call. */
  async *pages(options?: CallOptions): AsyncGenerator<Page, void, undefined> {
    const merged = { ...optionsOf(this), ...options };
    for (let page = await this.nextPage(merged); page !== undefined; page = await this.nextPage(merged)) {
      yield page;
    }
  }

  /** The remaining records, one after the other. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    const failures: { path: string; message: string }[] = [];
    for await (const page of this.pages()) {
      failures.push(...this.failuresOf(page));
      yield* this.itemsOf(page);
    }
    const [first] = failures;
    if (first !== undefined) {
      const count = failures.length === 1 ? 'A record' : `${failures.length} records`;
      throw ownError(
        'UnexpectedShape',
        `${count} could not be read: ${first.message} at ${first.path}. Read \`pages()\`, whose pages have the JSON of each in \`failures\`.`,
      );
    }
  }

  /** All remaining records. */
  async toArray(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this) {
      items.push(item);
    }
    return items;
  }
}
