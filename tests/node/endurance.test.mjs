// Clients that come and go leave nothing behind. `LPCHAT_CYCLES` says how many; `make test-long` asks for many.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { program, sandboxFor } from './support.mjs';

const CYCLES = Number(process.env.LPCHAT_CYCLES ?? 200);
// What V8 and the allocator may keep for themselves.
const SLACK_KIB = 8192;

test('clients that come and go leave nothing', { timeout: 600_000, skip: process.platform !== 'linux' }, async (t) => {
  const sandbox = await sandboxFor(t);
  const { code, stdout, stderr } = await program('endurance.mjs', [JSON.stringify(sandbox.config), `${CYCLES}`]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const { before, after } = JSON.parse(stdout);
  // Up to four threads that hand results over come and go.
  assert.ok(after.threads <= before.threads + 4, stdout);
  assert.ok(after.descriptors <= before.descriptors, stdout);
  assert.ok(after.kib - before.kib < SLACK_KIB, stdout);
  t.diagnostic(`${CYCLES} clients: ${after.kib - before.kib} KiB more, ${after.threads} threads, ${after.descriptors} descriptors`);
});
