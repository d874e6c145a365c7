// How processes and threads begin and end.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { json, program, serviceFor, times } from './support.mjs';

/** A service whose chat K1 answers, and no other. It tells how many requests were broken off. */
async function halfSilent(t) {
  const service = await serviceFor(t, (request, response) => {
    if (request.url.includes('/chat/K1/')) {
      json(response, { info: { state: 'waiting' } });
    } else if (request.url === '/aborted') {
      json(response, service.seen.aborted);
    }
  });
  return service;
}

test('two hundred processes end cleanly with calls in flight', { timeout: 300_000 }, async (t) => {
  const service = await serviceFor(t, () => {});
  const manners = ['exit', 'late', 'signal', 'close'];
  let slowest = 0;
  await times(200, 2, async (index) => {
    const how = manners[index % manners.length];
    const calls = [1, 5, 50][index % 3];
    const delay = [0, 1, 5, 20, 60][index % 5];
    const ended = await program('exit_in_flight.mjs', [JSON.stringify(service.options), `${calls}`, how, `${delay}`]);
    const expected = how === 'signal' ? { code: null, signal: 'SIGTERM' } : { code: 7, signal: null };
    const { code, signal, stderr, stdout, milliseconds } = ended;
    assert.deepEqual({ code, signal, stderr, stdout }, { ...expected, stderr: '', stdout: '' }, `${how} after ${delay} ms`);
    slowest = Math.max(slowest, milliseconds);
  });
  t.diagnostic(`slowest: ${Math.round(slowest)} ms`);
  assert.ok(slowest < 2000, `the slowest took ${slowest} ms`);
});

test('worker threads start and stop thirty times', { timeout: 120_000 }, async (t) => {
  const service = await halfSilent(t);
  const ended = await program('workers.mjs', [JSON.stringify(service.options), '30']);
  assert.equal(ended.stderr, '');
  assert.equal(ended.code, 0);
  const { outcomes, aborted } = JSON.parse(ended.stdout);
  assert.deepEqual(outcomes, Array(30).fill('waiting'));
  assert.equal(aborted, 30, 'calls of a thread that has ended are cancelled');
});

test('there is no thread before the first call, and few after it', { skip: process.platform !== 'linux' }, async (t) => {
  const service = await halfSilent(t);
  const { stdout, stderr } = await program('threads.mjs', [JSON.stringify(service.options)]);
  assert.equal(stderr, '');
  const { before, imported, made, called, many, error } = JSON.parse(stdout);
  assert.equal(error, undefined);
  assert.deepEqual([before, imported, made], [0, 0, 0]);
  assert.ok(called >= 1 && called <= 3, `${called} threads for one call`);
  assert.ok(many <= 5, `${many} threads for ten clients: one worker, at most four that hand results over`);
});
