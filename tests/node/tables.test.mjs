// Tables of a search: Arrow IPC streams, read by apache-arrow.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tableFromIPC } from 'apache-arrow';
import { Client, LpchatDecodeError, LpchatError, TABLE_NAMES } from 'lpchat';

import { json, sandboxFor, serviceFor } from './support.mjs';

const MONTH = { start: '2026-05-15', end: '2026-06-15', pageSize: 20 };

async function sandboxClient(t) {
  const sandbox = await sandboxFor(t, { seed: 7, engagements: 600, baseDate: '2026-06-15' });
  return new Client(sandbox.config);
}

test('each page of a search is a batch that apache-arrow reads', async (t) => {
  const client = await sandboxClient(t);
  const records = await client.history.search(MONTH).toArray();
  const ids = [];
  let batches = 0;
  for await (const batch of client.history.search(MONTH).batches()) {
    assert.ok(batch instanceof Uint8Array);
    const table = tableFromIPC(batch);
    assert.ok(table.numRows <= 20 && table.schema.names.includes('waiting_seconds'));
    ids.push(...table.getChild('engagement_id'));
    batches += 1;
  }
  assert.ok(batches > 2);
  assert.deepEqual(ids, records.map((record) => record.engagementId));
});

test('a batch has the records as they are', async (t) => {
  const client = await sandboxClient(t);
  const [first] = await client.history.search({ ...MONTH, limit: 1 }).toArray();
  const tables = client.history.search({ ...MONTH, limit: 1 }).tables(['engagements', 'lines']);
  const { value } = await tables.next();
  const [engagement] = tableFromIPC(value.engagements).toArray();
  assert.equal(engagement.engagement_id, first.engagementId);
  assert.equal(engagement.start_time, first.startTime.getTime());
  assert.equal(engagement.engagement_sequence, BigInt(first.info.engagementSequence));
  assert.equal(engagement.is_interactive, first.info.isInteractive);
  const lines = tableFromIPC(value.lines);
  assert.deepEqual([...lines.getChild('text')], first.transcript.lines.map((line) => line.text ?? null));
  assert.equal((await tables.next()).done, true);
});

test('every table has its name', async (t) => {
  const client = await sandboxClient(t);
  assert.ok(TABLE_NAMES.length > 10 && TABLE_NAMES.includes('sde_purchases'));
  const rows = Object.fromEntries(TABLE_NAMES.map((name) => [name, 0]));
  for await (const tables of client.history.search({ ...MONTH, pageSize: 100 }).tables(TABLE_NAMES)) {
    for (const name of TABLE_NAMES) {
      const table = tableFromIPC(tables[name]);
      assert.equal(table.schema.names[1], 'engagement_id');
      rows[name] += table.numRows;
    }
  }
  assert.ok(rows.lines > rows.engagements && rows.surveys > 0 && rows.sdes > 0 && rows.sde_purchases > 0, JSON.stringify(rows));
});

test('placeholders become null unless they are kept', async (t) => {
  const client = await sandboxClient(t);
  const groups = async (options) => {
    const found = [];
    for await (const batch of client.history.search(MONTH).batches('engagements', options)) {
      found.push(...tableFromIPC(batch).getChild('agent_group_id'));
    }
    return found;
  };
  const [without, kept] = [await groups(), await groups({ keepPlaceholders: true })];
  assert.ok(without.includes(null) && !without.includes('-1') && kept.includes('-1'));
});

test('a table that is not there is refused before anything is read', async (t) => {
  const service = await serviceFor(t, (_, response) => json(response, {}));
  const client = new Client(service.options);
  await assert.rejects(client.history.search(MONTH).batches('line').next(), (error) => {
    return error instanceof LpchatError && /there are engagements, lines/.test(error.message);
  });
  assert.equal(service.seen.requests.length, 0);
});

test('records that cannot be read come after all that can', async (t) => {
  const startTimeL = Date.UTC(2026, 5, 1);
  const records = [{ info: { engagementId: '1', startTimeL } }, { info: { startTimeL, duration: 'long' } }];
  const service = await serviceFor(t, (request, response) => {
    if (request.url.includes('/token')) {
      return json(response, { access_token: 'facade-token', expires_in: 3600, token_type: 'Bearer' });
    }
    return json(response, { _metadata: { count: 2 }, interactionHistoryRecords: records });
  });
  const batches = new Client(service.options).history.search(MONTH).batches();
  assert.equal(tableFromIPC((await batches.next()).value).numRows, 1);
  await assert.rejects(batches.next(), (error) => error instanceof LpchatDecodeError && /A record could not be read/.test(error.message));
});

test('a signal ends a batch, and who goes on misses nothing', async (t) => {
  const client = await sandboxClient(t);
  const search = client.history.search(MONTH);
  const first = tableFromIPC((await search.batches().next()).value).numRows;
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(search.batches('engagements', { signal: controller.signal }).next(), { name: 'AbortError' });
  let rest = 0;
  for await (const batch of search.batches()) {
    rest += tableFromIPC(batch).numRows;
  }
  assert.equal(first + rest, (await client.history.search(MONTH).toArray()).length);
});
