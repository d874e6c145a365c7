// Reading a search: records, pages, what cannot be read, what is missing.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { Client, Engagement, LpchatDecodeError, LpchatIncompleteError, LpchatServerError } from 'lpchat';

import { json, serviceFor } from './support.mjs';

const START = Date.UTC(2026, 2, 1);
const QUERY = { start: START, end: '2026-03-20', pageSize: 2 };

function record(number, info = {}) {
  const startTimeL = START + number * 60_000;
  return { info: { engagementId: `${number}`, accountId: '12345678', startTimeL, ...info } };
}

/** A history of these records; `disturb(offset, page)` may answer otherwise. */
async function historyOf(t, records, disturb = () => undefined) {
  const service = await serviceFor(t, (request, response) => {
    if (request.url.includes('/token')) {
      return json(response, { access_token: 'facade-token', expires_in: 3600, token_type: 'Bearer' });
    }
    const parameters = new URL(request.url, service.origin).searchParams;
    const [offset, limit] = ['offset', 'limit'].map((name) => Number(parameters.get(name)));
    const page = { _metadata: { count: records.length }, interactionHistoryRecords: records.slice(offset, offset + limit) };
    return disturb(offset, response) ?? json(response, page);
  });
  return { service, client: new Client({ ...service.options, serverErrorPauses: [1], historyRereadPauses: [1] }) };
}

const five = [1, 2, 3, 4, 5].map((number) => record(number));

test('records come one after the other, pages when they are wanted', async (t) => {
  const { client, service } = await historyOf(t, five);
  const ids = [];
  for await (const engagement of client.history.search(QUERY)) {
    assert.ok(engagement instanceof Engagement);
    ids.push(engagement.engagementId);
  }
  assert.deepEqual(ids, ['1', '2', '3', '4', '5']);
  const sizes = [];
  for await (const page of client.history.search(QUERY).pages()) {
    sizes.push(page.records.length);
  }
  assert.deepEqual(sizes, [2, 2, 1]);
  const before = service.seen.requests.length;
  for await (const _ of client.history.search(QUERY)) {
    break;
  }
  assert.equal(service.seen.requests.length, before + 1, 'who stops early asks for no more');
});

test('a search is a stream, too, and is read once', async (t) => {
  const { client } = await historyOf(t, five);
  const search = client.history.search({ ...QUERY, limit: 4 });
  const streamed = await Readable.from(search).map((engagement) => engagement.engagementId).toArray();
  assert.deepEqual(streamed, ['1', '2', '3', '4']);
  assert.deepEqual(await search.toArray(), []);
});

test('a record that cannot be read hides no other one, and is not passed over in silence', async (t) => {
  const records = [five[0], record(2, { duration: { not: 'a number' } }), ...five.slice(2)];
  const { client } = await historyOf(t, records);
  const ids = [];
  const reading = async () => {
    for await (const engagement of client.history.search(QUERY)) {
      ids.push(engagement.engagementId);
    }
  };
  await assert.rejects(reading(), (error) => {
    assert.ok(LpchatDecodeError.is(error), `${error}`);
    assert.match(error.message, /A record could not be read: .* at \$\.interactionHistoryRecords\[1\]\.info\.duration/);
    return true;
  });
  assert.deepEqual(ids, ['1', '3', '4', '5']);
  const page = await client.history.search(QUERY).nextPage();
  assert.deepEqual(page.failures[0].raw, records[1]);
});

test('a page that fails comes after the records before it, and can be asked for again', async (t) => {
  let failing = true;
  const { client } = await historyOf(t, five, (offset, response) => {
    if (offset === 2 && failing) {
      return json(response, {}, 500) ?? true;
    }
    return undefined;
  });
  const search = client.history.search(QUERY, { retries: 0 });
  const ids = [];
  const reading = async () => {
    for await (const engagement of search) {
      ids.push(engagement.engagementId);
    }
  };
  await assert.rejects(reading(), (error) => LpchatServerError.is(error) && error.operation === 'Search.nextPage');
  assert.deepEqual(ids, ['1', '2']);
  failing = false;
  await reading();
  assert.deepEqual(ids, ['1', '2', '3', '4', '5']);
});

test('a partial result is an error unless it is wanted', async (t) => {
  const partial = (offset, response) => {
    const shardsStatusResult = { partialResult: true };
    json(response, { _metadata: { count: 1, shardsStatusResult }, interactionHistoryRecords: offset === 0 ? [five[0]] : [] });
    return true;
  };
  const { client } = await historyOf(t, five, partial);
  await assert.rejects(client.history.search(QUERY).toArray(), (error) => LpchatIncompleteError.is(error));
  const page = await client.history.search({ ...QUERY, allowIncomplete: true }).nextPage();
  assert.ok(page.isPartialResult);
});
