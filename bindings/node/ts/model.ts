/** From the rows of the addon to models: classes, dates, and the answers they came from. */

import { type Answers, type NativeObject, type Outcome, native } from './native.js';
import type { JsonObject } from './values.js';

/** What a value may refer to: the answers it was decoded from, bytes, and objects. */
export type Context = Pick<Outcome, 'answers' | 'bytes' | 'handles'>;

/** Makes a value of what crossed as JSON. */
export type Convert<Value> = (crossed: unknown, context: Context) => Value;

/** The members of a document, or of several, as they crossed: in the order of their declaration, null where one is absent. */
export type Row = readonly unknown[];

interface RowClass<Model> {
  new (row: Row, at: number, context: Context): Model;
  /** How many places of a row a document takes. */
  readonly width: number;
}

/** Where in which answer a document stands. */
class Source {
  private parsed: JsonObject | undefined;

  constructor(
    readonly answers: Answers | undefined,
    readonly start: number,
    readonly length: number,
  ) {}

  get raw(): JsonObject {
    this.parsed ??= (JSON.parse(this.text()) as JsonObject | null) ?? {};
    return this.parsed;
  }

  private text(): string {
    const { answers, start, length } = this;
    if (answers === undefined) {
      return 'null';
    }
    return typeof answers === 'string' ? answers.slice(start, start + length) : (native.answerText(answers, start, length) ?? 'null');
  }
}

class WithSource {
  readonly #source: Source;

  /** Takes the place of the row that says where the document's source stands. */
  constructor(row: Row, source: number, context: Context) {
    this.#source = new Source(context.answers, row[source] as number, row[source + 1] as number);
  }

  get raw(): JsonObject {
    return this.#source.raw;
  }
}

/** A document of the service. `JSON.stringify` writes its members, under the names they have here. */
export interface AnswerModel {
  /** The document as the service sent it, members unknown to this version included. Parsed when first asked for. */
  readonly raw: JsonObject;
}

/** Without the private members, which would keep tests from writing a model as an object literal. */
export const AnswerModel: new (row: Row, source: number, context: Context) => AnswerModel = WithSource;

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

/** The document of a row. */
export function one<Model>(Class: RowClass<Model>, row: unknown, context: Context): Model {
  return new Class(row as Row, 0, context);
}

/** The documents that stand in one row, one behind the other. */
export function several<Model>(Class: RowClass<Model>, rows: unknown, context: Context): Model[] {
  const row = rows as Row;
  const { width } = Class;
  const models: Model[] = [];
  for (let at = 0; at < row.length; at += width) {
    models.push(new Class(row, at, context));
  }
  return models;
}

/** A model. Classes refer to one another in a circle, hence the function. */
export function model<Model>(of: () => RowClass<Model>): Convert<Model> {
  return (crossed, context) => one(of(), crossed, context);
}

/** A list of models. */
export function modelList<Model>(of: () => RowClass<Model>): Convert<Model[]> {
  return (crossed, context) => several(of(), crossed, context);
}

/** An object, which crossed as its index among the handles. */
export function object<Made>(of: () => { prototype: Made }): Convert<Made> {
  return (crossed, context) => {
    const Class = of() as unknown as new (native: NativeObject | undefined) => Made;
    return new Class(context.handles?.[crossed as number]);
  };
}
