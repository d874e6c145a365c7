// Closing, logging, the sandbox as a process.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { Client, LpchatClosedError, LpchatConfigurationError, Sandbox, setLogger, version } from 'lpchat';

import { json, program, root, sandboxFor, serviceFor, until } from './support.mjs';

test('closing with a drain lets calls in flight end', async (t) => {
  const { options } = await serviceFor(t, async (_, response) => {
    await sleep(150);
    json(response, { info: { state: 'chatting' } });
  });
  const client = new Client(options);
  const call = client.visitor.chat('K1').retrieveInformation();
  await sleep(50);
  await client.close({ drain: 5000 });
  assert.equal((await call).state, 'chatting');
  await assert.rejects(client.visitor.startChat(), (error) => LpchatClosedError.is(error) && error.code === 'LPCHAT_CLIENT_CLOSED');
  await client.close();
});

test('closing without a drain ends them', async (t) => {
  const service = await serviceFor(t, () => {});
  const client = new Client(service.options);
  const call = client.visitor.chat('K1').retrieveInformation();
  const rejected = assert.rejects(call, (error) => LpchatClosedError.is(error));
  await until(() => service.seen.requests.length === 1);
  await client.close();
  await rejected;
  await until(() => service.seen.aborted === 1);
});

test('a loop of calls that end at once starves nobody', async (t) => {
  const { options } = await serviceFor(t, () => {});
  const client = new Client(options);
  const chat = client.visitor.chat('K1');
  const stream = chat.events();
  const closed = () => chat.retrieveInformation().catch((error) => assert.ok(LpchatClosedError.is(error)));
  for (const call of [() => stream.nextEvents({ wait: 0 }), closed]) {
    let rung = false;
    setTimeout(() => (rung = true), 20);
    const end = performance.now() + 2000;
    while (!rung && performance.now() < end) {
      await call();
    }
    assert.ok(rung);
    await client.close();
  }
});

test('an outcome that comes before anything is waited for is not lost', async (t) => {
  const { options } = await serviceFor(t, (_, response) => json(response, { info: { state: 'chatting' } }));
  // The first call of a process makes a timer right after it was begun: there the outcome overtakes it.
  const source = `
    const { Client } = require('lpchat');
    const make = setInterval;
    globalThis.setInterval = (...parameters) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      return make(...parameters);
    };
    const client = new Client(${JSON.stringify(options)});
    client.visitor.chat('K1').retrieveInformation().then(({ state }) => console.log(state));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { cwd: root, timeout: 20_000 });
  assert.equal(stdout, 'chatting\n');
});

test('a client and a sandbox dispose of themselves', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client(sandbox.config);
  await client[Symbol.asyncDispose]();
  await assert.rejects(client.retrieveDomains(), (error) => LpchatClosedError.is(error));
  await sandbox[Symbol.asyncDispose]();
  await assert.rejects(fetch(sandbox.origin));
  await sandbox.close();
});

test('a logger gets records on this thread, of its level and above', async (t) => {
  const { options } = await serviceFor(t, (_, response) => json(response, {}, 500));
  const client = new Client({ ...options, serverErrorPauses: [1] });
  const chat = client.visitor.chat('K1');
  const records = [];
  t.after(() => setLogger());
  setLogger({ level: 'debug', log: (record) => records.push(record) });
  await assert.rejects(chat.retrieveInformation({ retries: 1 }));
  assert.ok(records.length >= 4, JSON.stringify(records));
  assert.ok(records.every(({ level, message }) => ['debug', 'info', 'warn', 'error'].includes(level) && message.length > 0));
  assert.match(records[0].message, /retrieve_information/);

  records.length = 0;
  setLogger({ level: 'error', log: (record) => records.push(record) });
  await assert.rejects(chat.retrieveInformation({ retries: 0 }));
  setLogger();
  await assert.rejects(chat.retrieveInformation({ retries: 0 }));
  assert.deepEqual(records, []);
});

test('records of a call that stays open arrive meanwhile', async (t) => {
  const { options } = await serviceFor(t, () => {});
  const client = new Client(options);
  const records = [];
  t.after(() => setLogger());
  setLogger({ level: 'debug', log: (record) => records.push(record) });
  const call = client.visitor.chat('K1').retrieveInformation();
  await until(() => records.length > 0, 3000);
  const rejected = assert.rejects(call);
  await client.close();
  await rejected;
});

test('a logger that throws is uncaught, and changes no outcome', async (t) => {
  const { options } = await serviceFor(t, (_, response) => json(response, { info: { state: 'chatting' } }));
  const { stdout, stderr, code } = await program('broken_logger.mjs', [JSON.stringify(options)]);
  assert.deepEqual([stderr, code], ['', 0]);
  const lines = stdout.trim().split('\n');
  assert.ok(lines.includes('chatting') && lines.includes('uncaught: the logger is broken'), stdout);
});

test('the sandbox has a clock and an admin interface', async (t) => {
  const sandbox = await sandboxFor(t, { baseDate: '2026-03-31', account: '87654321', switches: { scripted_agent: false } });
  assert.equal(new Client(sandbox.config).accountId, '87654321');
  await sandbox.freeze();
  const { now_ms: before } = await sandbox.admin('GET', '/admin/clock');
  await sandbox.advance(90_000);
  const { now_ms: after, frozen } = await sandbox.admin('GET', '/admin/clock');
  assert.deepEqual([after - before, frozen], [90_000, true]);
  await sandbox.freeze(false);
  await assert.rejects(sandbox.admin('POST', '/admin/clock', { fly: 1 }), (error) => LpchatConfigurationError.is(error) && /'fly'/.test(error.message));
});

test('the same seed gives the same history', async (t) => {
  const first = async () => {
    const client = new Client((await sandboxFor(t, { seed: 42, baseDate: '2026-03-31' })).config);
    const { records } = await client.history.retrievePage({ start: '2026-03-01', end: '2026-03-31', pageSize: 3 });
    return records.map(({ engagementId, startTime }) => [engagementId, startTime.getTime()]);
  };
  assert.deepEqual(await first(), await first());
});

test('a sandbox that cannot start says why', async (t) => {
  const refusal = (options, message) =>
    assert.rejects(Sandbox.start(options), (error) => {
      assert.ok(LpchatConfigurationError.is(error), `${error}`);
      assert.match(error.message, message);
      return true;
    });
  await refusal({ path: '/nowhere/lpchat-sandbox' }, /cannot be started/);
  await refusal({ switches: { unheard_of: 1 } }, /did not start: (.|\n)*unheard_of/);
  const folder = mkdtempSync(join(tmpdir(), 'lpchat-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'silent'), '#!/bin/sh\nexit 3\n');
  chmodSync(join(folder, 'silent'), 0o755);
  await refusal({ path: join(folder, 'silent') }, /did not start: it said nothing/);
});

test('the executable that is nowhere to be found', async () => {
  const { stdout, stderr } = await program('no_sandbox.mjs', [], { LPCHAT_SANDBOX: '', PATH: '/nowhere' });
  assert.equal(stderr, '');
  assert.match(stdout, /^LpchatConfigurationError: lpchat-sandbox was not found .*LPCHAT_SANDBOX.*cargo build -p lpchat-sandbox/);
});

test('a forgotten sandbox ends with its process, and keeps it from nothing', async () => {
  for (const how of ['ends', 'killed']) {
    const { stdout, stderr, signal } = await program('forgotten_sandbox.mjs', [how]);
    assert.equal(stderr, '');
    assert.equal(signal, how === 'killed' ? 'SIGKILL' : null);
    await until(() => fetch(stdout.trim()).then(() => false, () => true));
  }
});

test('the version is the one of the package', () => {
  assert.equal(version, createRequire(import.meta.url)('lpchat/package.json').version);
});
