// What goes wrong, and how it is told.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import * as lpchat from 'lpchat';

import { json, sandboxFor, serviceFor } from './support.mjs';

const { Client, ErrorCode, LpchatError } = lpchat;
const require = createRequire(import.meta.url);

/** The error that something rejects with or throws. */
async function errorOf(work) {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('an error of the service has all attributes', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const chat = await client.visitor.startChat({ skill: 'Human' });
  const error = await errorOf(() => chat.addLine('too early'));
  assert.ok(error instanceof lpchat.LpchatChatStateError && error instanceof LpchatError && error instanceof Error);
  assert.equal(error.name, 'LpchatChatStateError');
  assert.equal(error.code, ErrorCode.NotChatting);
  assert.equal(error.code, 'LPCHAT_NOT_CHATTING');
  assert.equal(error.codeNumber, 1501);
  assert.equal(error.family, 'ChatState');
  assert.equal(error.status, 400);
  assert.equal(error.serviceCode, '5');
  assert.match(error.serviceMessage, /not in chat/);
  assert.match(error.hint, /`preChatLines`/);
  assert.equal(error.operation, 'VisitorChat.addLine');
  assert.equal(error.attempts, 1);
  assert.ok(error.elapsed > 0 && error.elapsed < 5000);
  assert.match(error.requestId, /^[0-9a-f]{16}$/);
  assert.equal(typeof error.retryable, 'boolean');
  assert.equal(error.retryAfter, undefined);
  assert.match(error.message, /^VisitorChat\.addLine: /);
});

test('the stack leads to the caller, also without await', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const chat = await client.visitor.startChat({ skill: 'Human' });
  function theCaller() {
    return chat.addLine('too early').catch((error) => error);
  }
  const { stack, message, name } = await theCaller();
  assert.ok(stack.startsWith(`${name}: ${message}\n    at VisitorChat.addLine (`), stack);
  assert.match(stack, /at theCaller \(.*errors\.test\.mjs:\d+:\d+\)/);
});

test('the stack of an iteration leads to whoever iterates', async (t) => {
  const { options } = await serviceFor(t, (_, response) => json(response, {}, 401));
  const stream = new Client(options).visitor.chat('K1').events();
  const theReader = async () => {
    for await (const event of stream) {
      assert.fail(event.text);
    }
  };
  const error = await theReader().catch((reason) => reason);
  assert.ok(LpchatError.is(error), error);
  assert.match(error.stack, /at theReader \(.*errors\.test\.mjs:\d+:\d+\)/);
});

test('each family has its class, which knows its own', () => {
  const classes = Object.entries(lpchat).filter(([name]) => /^Lpchat\w+Error$/.test(name) && name !== 'LpchatError');
  assert.ok(classes.length >= 16);
  for (const [name, Class] of classes) {
    const family = name.slice('Lpchat'.length, -'Error'.length);
    const error = new Class('text', { family });
    assert.equal(error.name, name);
    assert.equal(String(error), `${name}: text`);
    assert.deepEqual(classes.filter(([, other]) => other.is(error)).map(([other]) => other), [name]);
    assert.ok(LpchatError.is(error) && error instanceof Class);
  }
  for (const other of [undefined, null, 'text', {}, new Error('other')]) {
    assert.ok(!LpchatError.is(other));
  }
});

test('errors are recognised across ESM, CJS and copies of the package', async () => {
  const cjs = require('lpchat');
  assert.equal(cjs.LpchatError, LpchatError);
  for (const key of Object.keys(require.cache).filter((key) => key.includes('/bindings/node/dist/'))) {
    delete require.cache[key];
  }
  const copy = require('lpchat');
  assert.notEqual(copy.LpchatError, LpchatError);
  const foreign = await errorOf(() => new copy.Client({ appKey: 5 }));
  assert.ok(!(foreign instanceof LpchatError));
  assert.ok(LpchatError.is(foreign) && lpchat.LpchatConfigurationError.is(foreign));
  assert.ok(!lpchat.LpchatTimeoutError.is(foreign));
});

test('what cannot be used is refused before anything is sent', async (t) => {
  const { options, seen } = await serviceFor(t, (_, response) => json(response, {}));
  const client = new Client(options);
  const { visitor, history } = client;
  const chat = visitor.chat('K1');
  const day = { start: '2026-03-01', end: '2026-03-02' };
  const refused = [
    [() => visitor.startChat({ skil: 'Sales' }), /^Visitor\.startChat: `skil` is no member of ChatRequest, which has: skill, /],
    [() => visitor.startChat({ skillId: 25 }), /`skillId` must be a string \(ids are strings: write '25'/],
    [() => visitor.startChat({ skillId: 25n }), /`skillId` is a bigint: write an id as a string/],
    [() => visitor.startChat('Sales'), /`request` must be an object, a ChatRequest, not a string/],
    [() => visitor.startChat({ preChatLines: 'hello' }), /`preChatLines` must be an array; put the one value into brackets, not a string/],
    [() => visitor.startChat({ survey: { surveyId: '1', answers: [{ questionId: '2', answer: ['x'] }] } }), /`survey\.answers\[0\]\.answer` is no member of SurveyAnswer/],
    [() => visitor.startChat({ maxWaitTimeSeconds: 1.5 }), /`maxWaitTimeSeconds` is 1\.5: it must be a whole number/],
    [() => visitor.startChat({ agent: 'a', maxWaitTimeSeconds: 5 }), /excludes `maxWaitTimeSeconds`/],
    [() => visitor.startChat({ runWithRules: 'yes' }), /`runWithRules` must be true or false, not a string/],
    [() => chat.addLine(), /`text` is missing/],
    [() => chat.addLine('hi', { tiemout: 5 }), /`tiemout` is no option of this call, which has: timeout, retries, headers, signal/],
    [() => chat.addLine('hi', { timeout: '5 s' }), /`timeout` must be a number of milliseconds, not a string/],
    [() => chat.addLine('hi', { timeout: -1 }), /`timeout` is -1 milliseconds/],
    [() => chat.addLine('hi', { headers: { 'x-a': 5 } }), /`headers\.x-a` must be a string/],
    [() => chat.retrieveEvents({ fromid: 5 }), /`fromid` is no option of this call, which has: fromId, /],
    [() => chat.retrieveEvents({ fromId: -1 }), /`fromId` is -1/],
    [() => chat.retrieveEvents({ fromId: Number.NaN }), /`fromId` is NaN/],
    [() => history.search({ ...day, end: new Date('nonsense') }), /`end` is an invalid Date/],
    [() => history.search({ ...day, end: '2026-03-02T00:00:00' }), /`end`: .*no offset.*2026-03-02T00:00:00Z/],
    [() => history.search({ start: '2026-03-01' }), /`end` is /],
    [() => history.search({ ...day, keyword: () => 'x' }), /`keyword` is a function/],
    [() => visitor.chat(''), /`id` is ""/],
    [() => client.close({ drain: 'soon' }), /`drain` must be a number of milliseconds/],
    [() => new Client({ acountId: '1' }), /`acountId` is no member of ClientOptions/],
    [() => new Client({ sandbox: 'nonsense' }), /`sandbox`/],
    [() => new Client({ ...options, timeout: 0 }), /`timeout`/],
    [() => new Client('12345678'), /`options` must be an object/],
  ];
  for (const [work, message] of refused) {
    const error = await errorOf(work);
    assert.ok(lpchat.LpchatConfigurationError.is(error), `${work}: ${error}`);
    assert.match(error.message, message);
    assert.match(error.stack, /errors\.test\.mjs/);
  }
  assert.equal(seen.requests.length, 0);
});

test('an operation never throws, it rejects', async (t) => {
  const { options } = await serviceFor(t, () => {});
  const client = new Client(options);
  const promise = client.visitor.startChat({ nonsense: 1 });
  assert.ok(promise instanceof Promise);
  await assert.rejects(promise);
});

test('throttling says how long to wait', async (t) => {
  const { options } = await serviceFor(t, (_, response) => {
    response.writeHead(429, { 'retry-after': '2' });
    response.end('{}');
  });
  const error = await errorOf(() => new Client(options).visitor.chat('K1').retrieveInformation({ retries: 0 }));
  assert.ok(lpchat.LpchatRateLimitedError.is(error));
  assert.deepEqual([error.status, error.retryAfter, error.retryable], [429, 2000, true]);
});

test('time limits and lost connections', async (t) => {
  const silent = await serviceFor(t, () => {});
  const late = await errorOf(() => new Client(silent.options).visitor.chat('K1').retrieveInformation({ timeout: 60 }));
  assert.ok(lpchat.LpchatTimeoutError.is(late));
  assert.equal(late.code, 'LPCHAT_DEADLINE_EXCEEDED');

  const line = { ...silent.line, origins: ['http://127.0.0.1:9'], domain_origin: 'http://127.0.0.1:9' };
  const unreachable = await errorOf(() => new Client({ sandbox: JSON.stringify(line) }).retrieveDomains({ retries: 0 }));
  assert.ok(lpchat.LpchatConnectionError.is(unreachable));
  assert.ok(unreachable.cause instanceof Error && unreachable.cause.message.length > 0);
  assert.ok(!Object.keys(unreachable).includes('cause'), 'the cause is not among what is listed twice');
});

test('headers, repeats and the request id of a call', async (t) => {
  const { options, seen } = await serviceFor(t, (_, response) => json(response, { error: { internalCode: 1 } }, 503));
  const client = new Client({ ...options, serverErrorPauses: [1, 1, 1] });
  const error = await errorOf(() => client.visitor.chat('K1').retrieveInformation({ retries: 2, headers: { 'x-mine': 'yes' } }));
  assert.ok(lpchat.LpchatServerError.is(error));
  assert.equal(error.attempts, 4, 'the look-up of the host, then three');
  assert.deepEqual(seen.requests.map(({ headers }) => [headers['x-mine'], headers['x-request-id']]), Array(3).fill(['yes', error.requestId]));
  assert.equal(client.metrics.retries, 2);
});

test('a bad server leads to documented errors', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client({ ...sandbox.config, serverErrorPauses: [1] });
  const chat = await client.visitor.startChat({ skill: 'Human' });
  const actions = [
    [{ garbage: true }, 'Decode'],
    [{ empty: true }, 'Decode'],
    [{ truncate: 50 }, 'Connection'],
    [{ html: true }, 'Server'],
    [{ redirect: 'http://127.0.0.1:1/elsewhere', status: 302 }, 'Rejected'],
    [{ reset: true }, 'Connection'],
    [{ big_line: 10_000_000 }, 'Decode'],
  ];
  for (const [action, family] of actions) {
    await sandbox.admin('POST', '/admin/faults', { route: 'visitor.events', times: 5, action });
    const error = await errorOf(() => chat.retrieveEvents({ retries: 0 }));
    assert.equal(error.family, family, `${JSON.stringify(action)}: ${error}`);
    await sandbox.admin('DELETE', '/admin/faults');
  }
  assert.equal((await chat.retrieveEvents()).events[0].type, 'state');
});
