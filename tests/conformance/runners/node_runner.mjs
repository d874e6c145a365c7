// The conformance runner of the Node package. `../README.md` describes what it reads and prints.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { inspect } from 'node:util';

import { Client, LpchatError, setLogger } from 'lpchat';

const { objects: known } = JSON.parse(readFileSync(new URL('../interface.json', import.meta.url), 'utf8'));
const FACES = { Visitor: 'visitor', Agent: 'agent', History: 'history' };
const READ = { s: String, i: Number, f: Number, b: (text) => text === 'true', t: Number, d: Number };

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The operation, the fields that begin with a sign, the arguments and the options of the call. */
function parse(line) {
  const unescape = { t: '\t', n: '\n', '\\': '\\' };
  const [operation, ...fields] = line.split('\t').map((field) => field.replace(/\\([tn\\])/g, (_, letter) => unescape[letter]));
  const command = { operation, args: {}, options: {} };
  for (const field of fields) {
    const [key, value] = [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)];
    if (key === '@') command.on = value;
    else if (key === '>') command.keep = value;
    else put(key[0] === '?' ? command.options : command.args, key.replace('?', '').split('.'), READ[value[0]](value.slice(2)));
  }
  return { ...command, args: shaped(command.args), options: shaped(command.options) };
}

function put(tree, path, value) {
  for (const part of path.slice(0, -1)) tree = tree[part] ??= {};
  tree[path.at(-1)] = value;
}

/** Objects whose members are 0, 1, … are lists; names are camel case, except those of headers and services. */
function shaped(value, verbatim = false) {
  if (typeof value !== 'object') return value;
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name))) return names.map((name) => shaped(value[name]));
  return Object.fromEntries(names.map((name) => [verbatim ? name : camel(name), shaped(value[name], name === 'headers' || name === 'domains')]));
}

/** A result as JSON with members in snake case. */
function plain(value) {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snake(name), plain(inner)]));
  }
  return value ?? null;
}

/** The package speaks of `maxWaitTimeSeconds`, the cases of `max_wait_time_seconds`. */
function spoken(text) {
  return text.replace(/`[a-z][\w.]*/g, snake);
}

/** How a result or an error prints, where the driver searches for secrets. A text is its own value. */
function show(value) {
  if (typeof value === 'string') return;
  console.error(`log ${JSON.stringify(inspect(value, { depth: 9, showHidden: true }))}`);
}

function failure(error) {
  if (!LpchatError.is(error)) throw error;
  show(error);
  const { code, codeNumber, family, operation, status, serviceCode, serviceMessage, retryable, attempts, retryAfter } = error;
  const words = code.replace('LPCHAT_', '').toLowerCase().split('_');
  const details = {
    code: codeNumber,
    name: words.map((word) => word[0].toUpperCase() + word.slice(1)).join(''),
    family,
    message: spoken(error.message),
    hint: spoken(error.hint),
    operation: snake(operation).replace(/^_|(?<=\.)_/g, '').replace(/^(\w+)\./, () => `${operation.split('.')[0]}.`),
    http_status: status,
    service_code: serviceCode,
    service_message: serviceMessage,
    retryable,
    attempts,
    retry_after: retryAfter,
  };
  return { error: plain(details) };
}

/** What the operation is called with: requests as one object, what is required by position, the rest with the options. */
function parametersOf({ operation, args, options }) {
  const [face, name] = operation.split('.');
  const { parameters, records } = known[face][name];
  const others = parameters.filter((parameter) => !records.includes(parameter));
  const required = others.filter((parameter) => !optional(face, name, parameter)).map((parameter) => args[camel(parameter)]);
  const rest = Object.fromEntries(others.filter((parameter) => optional(face, name, parameter)).map((parameter) => [camel(parameter), args[camel(parameter)]]));
  if (records.length > 0) {
    // The fields of a record stand beside the other arguments.
    const fields = Object.fromEntries(Object.entries(args).filter(([name]) => !others.map(camel).includes(name)));
    required.push(fields);
  }
  return [...required, { ...rest, ...options }];
}

function optional(face, name, parameter) {
  return known[face][name].optional.includes(parameter);
}

async function answer(line, objects) {
  const command = parse(line);
  const [face, name] = command.operation.split('.');
  try {
    let value;
    if (command.operation === 'Client.new') {
      value = new Client(command.args);
    } else {
      const target = objects[command.on];
      const receiver = command.on === 'client' && face in FACES ? target[FACES[face]] : target;
      const member = receiver[camel(name)];
      value = typeof member === 'function' ? await member.apply(receiver, parametersOf(command)) : member;
    }
    show(value);
    if (command.keep !== undefined && value != null) {
      objects[command.keep] = value;
      return { ok: { object: value.constructor.name } };
    }
    return { ok: plain(value) };
  } catch (error) {
    return failure(error);
  }
}

setLogger({ level: 'debug', log: ({ message }) => console.error(`log ${JSON.stringify(message)}`) });
const objects = {};
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(line, objects)));
}
