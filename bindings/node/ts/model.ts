/** From the JSON of the addon to models: classes, dates, and the answers they came from. */

import type { NativeObject, Outcome } from './native.js';
import type { JsonObject } from './values.js';

/** What a value may refer to: the answers it was decoded from, bytes, and objects. */
export type Context = Pick<Outcome, 'sources' | 'bytes' | 'handles'>;

/** Makes a value of what crossed as JSON. */
export type Convert<Value> = (crossed: unknown, context: Context) => Value;

/** How the members of a model are made, where they are not what crossed already. */
export type Conversions = Readonly<Record<string, Convert<unknown>>>;

type Document = Record<string, unknown>;
type ModelClass<Model> = new (document: Document, context: Context) => Model;

/** Where in which answer a document stands, in bytes. */
const SOURCE = '$';

/** Data of our own. */
export class PlainModel {
  /** @internal */
  static readonly conversions: Conversions = {};

  /** @internal */
  constructor(document: Document, context: Context) {
    const members = this as unknown as Document;
    for (const name in document) {
      if (name !== SOURCE) {
        members[name] = document[name];
      }
    }
    const conversions = new.target.conversions;
    for (const name in conversions) {
      const crossed = document[name];
      if (crossed !== undefined) {
        members[name] = conversions[name]?.(crossed, context);
      }
    }
  }
}

class WithSource extends PlainModel {
  readonly #answer: Buffer | undefined;
  readonly #start: number = 0;
  readonly #end: number = 0;
  #raw: JsonObject | undefined;

  constructor(document: Document, context: Context) {
    super(document, context);
    const source = document[SOURCE];
    if (Array.isArray(source)) {
      const [answer, start, end] = source as [number, number, number];
      this.#answer = context.sources?.[answer];
      this.#start = start;
      this.#end = end;
    }
  }

  get raw(): JsonObject {
    if (this.#raw === undefined) {
      const text = this.#answer?.toString('utf8', this.#start, this.#end) ?? 'null';
      this.#raw = (JSON.parse(text) as JsonObject | null) ?? {};
    }
    return this.#raw;
  }
}

/** A document of the service. `JSON.stringify` writes its members, under the names they have here. */
export interface AnswerModel extends PlainModel {
  /** The document as the service sent it, members unknown to this version included. Parsed when first asked for. */
  readonly raw: JsonObject;
}

/** Without the private members, which would keep tests from writing a model as an object literal. */
export const AnswerModel: ModelClass<AnswerModel> & { readonly conversions: Conversions } = WithSource;

/** A value that is what crossed. */
export function same<Value>(crossed: unknown): Value {
  return crossed as Value;
}

export function nothing(): void {}

/** A value or none. */
export function optional<Value>(convert: Convert<Value>): Convert<Value | undefined> {
  return (crossed, context) => (crossed === null ? undefined : convert(crossed, context));
}

export function date(crossed: unknown): Date {
  return new Date(crossed as number);
}

/** A list. */
export function each<Value>(convert: Convert<Value>): Convert<Value[]> {
  return (crossed, context) => (crossed as unknown[]).map((item) => convert(item, context));
}

/** A model. Classes refer to one another in a circle, hence the function. */
export function model<Model>(of: () => ModelClass<Model>): Convert<Model> {
  return (crossed, context) => new (of())(crossed as Document, context);
}

/** An object, which crossed as its index among the handles. */
export function object<Made>(of: () => { prototype: Made }): Convert<Made> {
  return (crossed, context) => {
    const Class = of() as unknown as new (native: NativeObject | undefined) => Made;
    return new Class(context.handles?.[crossed as number]);
  };
}
