/** Objects that hand out pages, as async iterables. */

import { ownError } from './failure.js';
import type { CallOptions } from './generated/inputs.js';
import type { TableName } from './generated/tables.js';
import { Handle, call, optionsOf } from './handle.js';
import type { Context } from './model.js';

/** How tables are made, and options of each page's call. */
export interface TableOptions extends CallOptions {
  /** Keeps `NA`, -1 and empty texts as the service sent them; they become null otherwise. */
  keepPlaceholders?: boolean | undefined;
}

interface Unreadable {
  path: string;
  message: string;
}

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
  abstract failuresOf(page: Page): readonly Unreadable[];

  /** The remaining pages, one after the other. `options` are those of each page's call. */
  async *pages(options?: CallOptions): AsyncGenerator<Page, void, undefined> {
    const merged = { ...optionsOf(this), ...options };
    for (let page = await this.nextPage(merged); page !== undefined; page = await this.nextPage(merged)) {
      yield page;
    }
  }

  /** The remaining records, one after the other. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    const failures: Unreadable[] = [];
    for await (const page of this.pages()) {
      failures.push(...this.failuresOf(page));
      yield* this.itemsOf(page);
    }
    complain(failures);
  }

  /**
   * A table of the remaining pages, as bytes: each is a complete Arrow IPC stream with the rows of one page, which
   * `tableFromIPC` of `apache-arrow` reads. `docs/tables.md` lists the tables and their columns.
   */
  async *batches(table: TableName = 'engagements', options?: TableOptions): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const batches of this.tables([table], options)) {
      yield batches[table];
    }
  }

  /** The same of several tables at once, for one pass over the pages: an object with the bytes of each by its name. */
  async *tables<Name extends TableName>(
    names: readonly Name[],
    options?: TableOptions,
  ): AsyncGenerator<Record<Name, Uint8Array>, void, undefined> {
    const { keepPlaceholders = false, ...own } = options ?? {};
    const merged = { ...optionsOf(this), ...own };
    const failures: Unreadable[] = [];
    const read = () => call(this, 'next_tables', [names, keepPlaceholders], merged, pageOfTables);
    for (let page = await read(); page !== undefined; page = await read()) {
      const { bytes, unreadable } = page;
      failures.push(...unreadable);
      yield Object.fromEntries(names.map((name, index) => [name, bytes[index]])) as Record<Name, Uint8Array>;
    }
    complain(failures);
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

function pageOfTables(crossed: unknown, { bytes = [] }: Context): { bytes: Uint8Array[]; unreadable: Unreadable[] } | undefined {
  return crossed === null ? undefined : { bytes, unreadable: crossed as Unreadable[] };
}

/** Throws where records could not be read, when everything that could be was handed out. */
function complain(failures: readonly Unreadable[]): void {
  const [first] = failures;
  if (first !== undefined) {
    const count = failures.length === 1 ? 'A record' : `${failures.length} records`;
    throw ownError(
      'UnexpectedShape',
      `${count} could not be read: ${first.message} at ${first.path}. Read \`pages()\`, whose pages have the JSON of each in \`failures\`.`,
    );
  }
}
