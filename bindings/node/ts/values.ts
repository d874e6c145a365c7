/** Values on their way into the core. */

import { types } from 'node:util';

import { argumentError } from './failure.js';

/** A JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [member: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { [member: string]: JsonValue };

/** What is handed in as JSON: a value, or JSON text. */
export type JsonInput =
  | string
  | number
  | boolean
  | null
  | readonly JsonInput[]
  | { readonly [member: string]: JsonInput | undefined };

/**
 * An instant: a `Date`, milliseconds since 1970, or a text with an offset such as `2026-03-01T09:30:00+01:00`. A text
 * that is a mere date means its midnight UTC.
 */
export type Time = Date | number | string;

/** Arguments as they cross to the addon, and whether they are but one text, which crosses as it is. */
export type Crossing = [positional: string | undefined, isSoleText: boolean];

export function encodeArguments(positional: readonly unknown[]): Crossing {
  const [first] = positional;
  if (positional.length === 1 && typeof first === 'string') {
    return [first, true];
  }
  return [positional.length === 0 ? undefined : encode(positional), false];
}

/** The JSON that carries arguments to the addon. */
export function encode(value: unknown): string {
  return JSON.stringify(value, refuse);
}

/**
 * Refuses what JSON would silently turn into nothing: an absent filter finds everything, and that is not what
 * `new Date('nonsense')` was meant to say.
 */
function refuse(this: unknown, name: string, value: unknown): unknown {
  const given = (this as Record<string, unknown>)[name];
  if (types.isDate(given) && Number.isNaN(given.getTime())) {
    throw argumentError(`\`${name}\` is an invalid Date.`);
  }
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) {
        throw argumentError(`\`${name}\` is ${value}: it must be a number.`);
      }
      return value;
    case 'bigint':
      throw argumentError(`\`${name}\` is a bigint: write an id as a string, and a count as a number.`);
    case 'function':
    case 'symbol':
      throw argumentError(`\`${name}\` is a ${typeof value}, which cannot be handed in.`);
    default:
      return value;
  }
}
