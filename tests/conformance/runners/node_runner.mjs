// The conformance runner of the Node package. `../README.md` describes what it reads and prints.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import * as lpchat from 'lpchat';

const INTERFACE = JSON.parse(readFileSync(new URL('../interface.json', import.meta.url), 'utf8')).objects;
const FACES = { Visitor: 'visitor', Agent: 'agent', History: 'history' };
const READ = {
  s: (text) => text,
  i: Number,
  f: Number,
  b: (text) => text === 'true',
  t: (text) => new Date(Number(text)),
  d: Number,
};

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, character) => character.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (character) => `_${character.toLowerCase()}`);

/** The operation, the fields that begin with a sign, the arguments and the options. */
function parse(line) {
  const unescape = { t: '\t', n: '\n', '\\': '\\' };
  const fields = line.split('\t').map((field) => field.replace(/\\([tn\\])/g, (_, character) => unescape[character]));
  const command = { operation: fields[0], signs: {}, members: {}, options: {} };
  for (const field of fields.slice(1)) {
    const at = field.indexOf('=');
    const [key, value] = [field.slice(0, at), field.slice(at + 1)];
    if (key === '@' || key === '>') {
      command.signs[key] = value;
    } else {
      const tree = key.startsWith('?') ? command.options : command.members;
      put(tree, key.replace('?', '').split('.'), READ[value[0]](value.slice(2)));
    }
  }
  return { ...command, members: lists(command.members), options: lists(command.options) };
}

/** Members of a map keep their names, which are the caller's; all others are the interface's. */
const MAPS = new Set(['headers', 'domains']);

function put(tree, path, value) {
  const [first, ...rest] = path;
  const name = camel(first);
  if (rest.length === 0) {
    tree[name] = value;
  } else if (MAPS.has(first)) {
    (tree[name] ??= {})[rest.join('.')] = value;
  } else {
    put((tree[name] ??= {}), rest, value);
  }
}

/** Objects whose members are 0, 1, … are lists. */
function lists(value) {
  if (typeof value !== 'object' || value instanceof Date) {
    return value;
  }
  const entries = Object.entries(value).map(([name, item]) => [name, lists(item)]);
  const isList = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return isList ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

/** A result as JSON. Members of models have the interface's names; what was sent as JSON has its own. */
function plain(value) {
  if (value instanceof Date) {
    return value.getTime();
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [snake(name), plain(item)]));
  }
  return value;
}

/** An error under the names of the interface. */
function describe(error) {
  if (!lpchat.LpchatError.is(error)) {
    throw error;
  }
  const words = (text) => text.replace(/`[a-z][\w.[\]]*`/g, snake);
  const [face, method] = error.operation.split('.');
  const name = Object.keys(lpchat.ErrorCode).find((key) => lpchat.ErrorCode[key] === error.code);
  return {
    ...plain(error),
    code: error.codeNumber,
    name,
    message: words(error.message),
    hint: words(error.hint),
    operation: method === undefined ? error.operation : `${face}.${snake(method)}`,
    http_status: error.status,
  };
}

async function perform({ operation, signs, members, options }, objects) {
  const [face, name] = operation.split('.');
  if (operation === 'Client.new') {
    return new lpchat.Client(members);
  }
  const kept = objects[signs['@']];
  const target = signs['@'] === 'client' && FACES[face] ? kept[FACES[face]] : kept;
  const { parameters, records, property, retry } = INTERFACE[face][name];
  const method = target[camel(name)];
  if (property) {
    return method;
  }
  // Required parameters stand first, then one object that holds optional ones and the options of the call.
  const positional = retry === null ? parameters : parameters.slice(0, method.length - 1);
  const values = positional.map((parameter) => (records.includes(parameter) ? members : members[camel(parameter)]));
  const named = parameters.slice(positional.length).map((parameter) => [camel(parameter), members[camel(parameter)]]);
  return method.call(target, ...values, { ...Object.fromEntries(named), ...options });
}

async function answer(line, objects) {
  const command = parse(line);
  try {
    const value = await perform(command, objects);
    if ('>' in command.signs && value !== undefined) {
      objects[command.signs['>']] = value;
      return { ok: { object: value.constructor.name } };
    }
    return { ok: plain(value) ?? null };
  } catch (error) {
    return { error: describe(error) };
  }
}

const objects = {};
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(line, objects)));
}
