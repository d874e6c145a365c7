/** Objects that live in the core, and how their methods are called. */

import './polyfill.js';

import { throwIfAborted, unlessAborted } from './abort.js';
import { valueWhenDone } from './calls.js';
import { type Trace, argumentError, camel, failure, here } from './failure.js';
import type { CallOptions } from './generated/inputs.js';
import { drainLog } from './log.js';
import type { Convert } from './model.js';
import { type NativeObject, type Outcome, native } from './native.js';
import { encode, encodeArguments } from './values.js';

/** Not a private member, which would keep tests from standing in for a class with an object literal. */
const natives = new WeakMap<Handle, NativeObject>();
const faces = new WeakMap<Handle, Map<string, unknown>>();
const iterationOptions = new WeakMap<Handle, CallOptions>();

/** An object that lives in the core. It is freed when nobody refers to it any more. */
export abstract class Handle {
  /** Takes the name of the object to make and its options, or what the addon gave. */
  protected constructor(made: unknown, options?: unknown) {
    if (typeof made !== 'string') {
      natives.set(this, made as NativeObject);
      return;
    }
    const outcome = native.construct(made, encode([options]));
    if (outcome.error !== undefined) {
      throw failure(outcome.error, `new ${made}`, here(new.target));
    }
    natives.set(this, outcome.handles?.[0] as NativeObject);
  }
}

function nativeOf(target: Handle): NativeObject {
  const found = natives.get(target);
  if (found === undefined) {
    throw argumentError('This object was not made by lpchat.');
  }
  return found;
}

function valueOf<Value>(outcome: Outcome, convert: Convert<Value>): Value {
  return convert(JSON.parse(outcome.json ?? 'null'), outcome);
}

function operationOf(target: Handle, method: string): string {
  return `${target.constructor.name}.${camel(method)}`;
}

const NO_OPTIONS: CallOptions = {};

/** Where the calls were begun that are made now, if they are made for somebody who began them before. */
let begunAt: Trace | undefined;

/** Makes a call of an iteration. To note for each one where it is made would cost as much as the call. */
export function callFrom<Value>(trace: Trace, make: () => Promise<Value>): Promise<Value> {
  begunAt = trace;
  try {
    return make();
  } finally {
    begunAt = undefined;
  }
}

/** Calls an operation. Everything that goes wrong, a wrong argument included, rejects the promise. */
export function call<Value>(
  target: Handle,
  method: string,
  positional: readonly unknown[],
  options: CallOptions | undefined,
  convert: Convert<Value>,
): Promise<Value> {
  const trace = begunAt ?? here(call);
  const value = (outcome: Outcome): Value => {
    drainLog();
    if (outcome.error !== undefined) {
      throw failure(outcome.error, operationOf(target, method), trace);
    }
    return valueOf(outcome, convert);
  };
  try {
    const { signal, ...rest } = options ?? NO_OPTIONS;
    if (signal) {
      throwIfAborted(signal);
    }
    const canceller = signal && new native.NativeCanceller();
    const begun = nativeOf(target).invoke(method, ...encodeArguments(positional), options && encode(rest), canceller);
    // What is there already is not taken back.
    if (signal && canceller && typeof begun === 'number') {
      return unlessAborted(valueWhenDone(begun, value), signal, () => canceller.cancel());
    }
    return valueWhenDone(begun, value);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Calls a method that asks nothing of the service. */
export function invoke<Value>(target: Handle, method: string, positional: readonly unknown[], convert: Convert<Value>): Value {
  const outcome = nativeOf(target).invokeSync(method, ...encodeArguments(positional));
  if (outcome.error !== undefined) {
    throw failure(outcome.error, operationOf(target, method), here(invoke));
  }
  return valueOf(outcome, convert);
}

/** Reads a property. */
export function read<Value>(target: Handle, name: string, convert: Convert<Value>): Value {
  return invoke(target, name, [], convert);
}

/** Reads a property that is an object; it is always the same one. */
export function face<Face>(target: Handle, name: string, convert: Convert<Face>): Face {
  let known = faces.get(target);
  if (known === undefined) {
    known = new Map();
    faces.set(target, known);
  }
  let found = known.get(name) as Face | undefined;
  if (found === undefined) {
    found = read(target, name, convert);
    known.set(name, found);
  }
  return found;
}

/** Notes the options of the calls that an object will make as it is iterated. */
export function withOptions<Made extends Handle>(made: Made, options: CallOptions | undefined): Made {
  if (options !== undefined) {
    iterationOptions.set(made, options);
  }
  return made;
}

/** The options that were noted for the calls of an object's iteration. */
export function optionsOf(made: Handle): CallOptions | undefined {
  return iterationOptions.get(made);
}
