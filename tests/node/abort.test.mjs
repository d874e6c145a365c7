// AbortSignal on every call.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { Client, LpchatError } from 'lpchat';

import { sandboxFor, serviceFor, until } from './support.mjs';

/** A service that never answers. */
async function silence(t) {
  const service = await serviceFor(t, () => {});
  return { ...service, client: new Client(service.options) };
}

test('a signal that is aborted already rejects with its reason, and nothing is sent', async (t) => {
  const { client, seen } = await silence(t);
  const reason = new Error('changed my mind');
  await assert.rejects(client.visitor.startChat({}, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  assert.equal(seen.requests.length, 0);
  assert.equal(client.metrics.calls, 0);
});

test('aborting later rejects at once with the reason, and the server sees the disconnect', async (t) => {
  const { client, seen } = await silence(t);
  const controller = new AbortController();
  const call = client.visitor.chat('K1').retrieveInformation({ signal: controller.signal });
  await until(() => seen.requests.length === 1);
  const reason = { anything: true };
  const started = performance.now();
  controller.abort(reason);
  await assert.rejects(call, (error) => error === reason);
  assert.ok(performance.now() - started < 50);
  await until(() => seen.aborted === 1, 500);
  await until(() => client.metrics.inFlight === 0, 500);
});

test('the sandbox, too, notes that the client left', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client(sandbox.config);
  const chat = await client.visitor.startChat({ skill: 'Human' });
  await sandbox.admin('POST', '/admin/faults', { route: 'visitor.info', action: { hang: true } });
  const controller = new AbortController();
  const call = chat.retrieveInformation({ signal: controller.signal });
  const journal = () => sandbox.admin('GET', '/admin/requests');
  setTimeout(() => controller.abort(), 100);
  await assert.rejects(call, { name: 'AbortError' });
  await until(async () => JSON.stringify(await journal()).includes('"aborted":true'), 1000);
});

test('a timeout signal rejects with its own reason', async (t) => {
  const { client } = await silence(t);
  await assert.rejects(client.visitor.startChat({}, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
});

test('the listener goes when the call ends, and many calls may share a signal', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client(sandbox.config);
  const chat = await client.visitor.startChat({ skill: 'Human' });
  const warnings = [];
  const note = (warning) => warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 100 }, () => chat.retrieveInformation({ signal })));
  await new Promise(setImmediate);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.deepEqual(warnings, []);
});

test('cancelling one call leaves the others alone', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client(sandbox.config);
  const chat = await client.visitor.startChat({ skill: 'Human' });
  await sandbox.admin('POST', '/admin/faults', { route: 'visitor.info', times: 20, action: { delay_ms: 150 } });
  const controllers = Array.from({ length: 20 }, () => new AbortController());
  const calls = controllers.map(({ signal }) => chat.retrieveInformation({ signal }));
  setTimeout(() => controllers.slice(0, 10).forEach((controller) => controller.abort()), 30);
  const settled = await Promise.allSettled(calls);
  assert.deepEqual(settled.map(({ status }) => status), [...Array(10).fill('rejected'), ...Array(10).fill('fulfilled')]);
});

test('aborting after the end does nothing', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const controller = new AbortController();
  const chat = await client.visitor.startChat({ skill: 'Human' }, { signal: controller.signal });
  controller.abort();
  assert.equal((await chat.retrieveInformation()).state, 'waiting');
});

test('a search stops between and within pages', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client(sandbox.config);
  const controller = new AbortController();
  const query = { start: new Date(Date.now() - 31 * 86_400_000), end: new Date(), pageSize: 2 };
  let records = 0;
  const reading = async () => {
    for await (const _ of client.history.search(query, { signal: controller.signal })) {
      records += 1;
      if (records === 3) {
        controller.abort();
      }
    }
  };
  await assert.rejects(reading(), { name: 'AbortError' });
  assert.equal(records, 4, 'what had arrived is given first');
});

test('what is no signal is refused', async (t) => {
  const { client } = await silence(t);
  await assert.rejects(client.visitor.startChat({}, { signal: {} }), (error) => LpchatError.is(error) && /`signal`/.test(error.message));
});
