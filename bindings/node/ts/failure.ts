/** Errors of the core, and those of this layer, as errors of JavaScript. */

import { codes, families, renamed } from './generated/error_tables.js';
import { ErrorCode, type ErrorFamily, type LpchatError } from './generated/errors.js';

type CodeName = keyof typeof ErrorCode;

/** Where a call was made. The promise settles much later, when the caller is no longer on the stack. */
export interface Trace {
  stack?: string;
}

/** Notes where the caller of `inner` stands, or this function's own. */
export function here(inner: unknown = here): Trace {
  const trace: Trace = {};
  Error.captureStackTrace(trace, inner as () => unknown);
  return trace;
}

interface Described {
  text: string;
  family: ErrorFamily;
  details: Record<string, unknown> & { name: CodeName; operation: string; hint: string };
}

/** The error that the addon describes. */
export function failure(json: string, operation: string, trace: Trace): LpchatError {
  const { text, family, details } = JSON.parse(json) as Described;
  const { name, message: _message, cause, ...rest } = details;
  // A profile file has its keys in snake case.
  const speak = name === 'InvalidProfile' ? (words: string) => words : translate;
  rest.hint = speak(rest.hint);
  let message = speak(text);
  if (rest.operation === '') {
    rest.operation = operation;
    message = `${operation}: ${message}`;
  } else {
    message = message.replace(rest.operation, camel(rest.operation));
    rest.operation = camel(rest.operation);
  }
  const properties: Record<string, unknown> = { code: ErrorCode[name], family };
  for (const [member, value] of Object.entries(rest)) {
    properties[renamed[member] ?? member] = value;
  }
  const error = new families[family](message, properties);
  if (typeof cause === 'string') {
    hidden(error, 'cause', underneath(cause));
  }
  const frames = trace.stack?.slice(trace.stack.indexOf('\n')) ?? '';
  hidden(error, 'stack', `${error.name}: ${error.message}${frames}`);
  return error;
}

/** An error of this layer. */
export function ownError(name: CodeName, message: string, cause?: unknown): LpchatError {
  const [codeNumber, family, retryable, hint] = codes[name];
  const properties = {
    code: ErrorCode[name],
    family,
    codeNumber,
    hint: translate(hint),
    retryable,
    operation: '',
    attempts: 0,
    elapsed: 0,
    requestId: '',
  };
  const error = new families[family](message, properties);
  if (cause !== undefined) {
    hidden(error, 'cause', cause);
  }
  return error;
}

/** The error of an argument that cannot be used, found before the addon is asked. */
export function argumentError(message: string): LpchatError {
  return ownError('InvalidArgument', message);
}

function hidden(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, configurable: true, writable: true });
}

function underneath(text: string): Error {
  const error = new Error(text);
  error.stack = `Error: ${text}`;
  return error;
}

/** The core names parameters and methods in snake case, between backticks. */
function translate(words: string): string {
  return words.replace(/`[a-z][\w.[\]]*`/g, camel);
}

/** `add_line` → `addLine` */
export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, character: string) => character.toUpperCase());
}
