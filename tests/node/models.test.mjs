// What the service says, as objects of JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { ChatEvent, ChatEvents, ChatState, Client } from 'lpchat';

import { json, sandboxFor, serviceFor, until } from './support.mjs';

const EVENTS = {
  link: { '@rel': 'next', '@href': 'https://x.example/events?from=4', kind: 'new' },
  event: [
    { '@id': 0, '@type': 'state', time: '2026-03-01T09:30:00.250+01:00', state: 'on-hold' },
    { '@id': '1', '@type': 'line', source: 'agent', by: 'Ben', text: 'Grüße ☺ "quoted"', textType: 'plain', $: 5, novelty: { a: [1] } },
    { '@id': '9007199254740993', '@type': 'line', source: 'visitor', text: 42 },
  ],
  unheard: [{ of: true }],
};

async function events(t, document = EVENTS) {
  const { options } = await serviceFor(t, (_, response) => json(response, { events: document }));
  return new Client(options).visitor.chat('K1').retrieveEvents();
}

test('members have JavaScript names and types', async (t) => {
  const document = await events(t);
  assert.ok(document instanceof ChatEvents);
  const [state, line, digits] = document.events;
  assert.ok(line instanceof ChatEvent);
  assert.ok(state.time instanceof Date);
  assert.equal(state.time.toISOString(), '2026-03-01T08:30:00.250Z');
  assert.equal(line.text, 'Grüße ☺ "quoted"');
  assert.equal(digits.id, '9007199254740993', 'an id keeps all its digits');
  assert.equal(digits.text, '42');
  assert.ok(Array.isArray(document.links) && document.links.length === 1);
});

test('an absent member is undefined, and stands nowhere', async (t) => {
  const [, line] = (await events(t)).events;
  assert.equal(line.time, undefined);
  assert.ok(!('time' in line));
  assert.deepEqual(Object.keys(line), ['id', 'type', 'text', 'textType', 'by', 'source', 'isRepeated', 'isAfterGap']);
});

test('an unknown value of an open enumeration keeps its text', async (t) => {
  const [state] = (await events(t)).events;
  assert.equal(state.state, 'on-hold');
  assert.ok(!Object.values(ChatState).includes(state.state));
  assert.deepEqual(ChatState, { Waiting: 'waiting', Chatting: 'chatting', Ended: 'ended' });
});

test('raw is the document as it was sent, of every model', async (t) => {
  const document = await events(t);
  assert.deepEqual(document.raw, EVENTS);
  assert.deepEqual(document.events[1].raw, EVENTS.event[1]);
  assert.deepEqual(document.links[0].raw, EVENTS.link);
  assert.equal(document.raw, document.raw, 'it is parsed once');
  assert.ok(!Object.keys(document).includes('raw'));
});

test('printing and JSON show the members and nothing else', async (t) => {
  const document = await events(t);
  const [state] = document.events;
  const printed = "  id: '0',\n  type: 'state',\n  time: 2026-03-01T08:30:00.250Z,\n  state: 'on-hold',\n  isRepeated: false,\n  isAfterGap: false\n";
  assert.equal(inspect(state), `ChatEvent {\n${printed}}`);
  const members = { id: '0', type: 'state', time: '2026-03-01T08:30:00.250Z', state: 'on-hold', isRepeated: false, isAfterGap: false };
  assert.equal(JSON.stringify(state), JSON.stringify(members));
  assert.ok(!inspect(document, { depth: 9 }).includes('$'));
  assert.deepEqual({ ...structuredClone(document).events[1] }, { ...document.events[1] });
});

test('collapsed and empty lists are lists', async (t) => {
  for (const event of [undefined, null, '', {}, []]) {
    assert.deepEqual((await events(t, { event })).events, [], JSON.stringify(event));
  }
  const [only] = (await events(t, { event: EVENTS.event[0] })).events;
  assert.equal(only.id, '0');
});

test('raw of a whole page of history', async (t) => {
  const sandbox = await sandboxFor(t, { switches: { dialect: 'mixed', oddities: true } });
  const client = new Client(sandbox.config);
  const page = await client.history.retrievePage({ start: new Date(Date.now() - 31 * 86_400_000), end: new Date() });
  assert.ok(page.records.length > 5);
  assert.deepEqual(page.failures, []);
  const sent = page.raw.interactionHistoryRecords;
  page.records.forEach((record, index) => assert.deepEqual(record.raw, sent[index]));
  assert.equal(typeof page.count, 'number');
});

test('a page that was kept is read, whatever characters it is written in', () => {
  const { history } = new Client({ accountId: '12345678' });
  for (const text of ['plain', 'Grüße', 'שלום ☺', '😀 "quoted"\n\\', '\ufffd', '\u0000']) {
    const record = { info: { engagementId: '1' }, transcript: { lines: [{ text, novelty: text }] } };
    const kept = JSON.stringify({ interactionHistoryRecords: [record, record] });
    const [, second] = history.decodePage(kept).records;
    assert.equal(second.transcript.lines[0].text, text);
    assert.deepEqual(second.raw, record);
    assert.deepEqual(second.transcript.lines[0].raw, record.transcript.lines[0]);
  }
  for (const half of ['\ud800', '{"a":"\udc00"}']) {
    assert.throws(() => history.decodePage(half), { code: 'LPCHAT_INVALID_ARGUMENT', message: /half of a surrogate pair/ });
  }
});

test('events that came in several answers have their own raw in one batch', async (t) => {
  const last = 5;
  const { options, seen } = await serviceFor(t, (request, response) => {
    const from = Number(new URL(request.url, 'http://x').searchParams.get('from') ?? 0);
    const event = from > last ? [] : [{ '@id': from, '@type': 'line', source: 'agent', text: `line ${from}` }];
    json(response, { chat: { events: { link: { '@rel': 'next', '@href': `/x?from=${from + event.length}` }, event }, info: { state: 'chatting' } } });
  });
  const client = new Client({ ...options, pollInterval: 10, quietPollInterval: 10 });
  const stream = client.visitor.chat('K1').events();
  const [first] = (await stream.nextEvents({ max: 1 })).events;
  assert.equal(first.raw.text, 'line 0');
  await until(() => seen.requests.length > last + 2);
  const { events: rest } = await stream.nextEvents(64);
  assert.deepEqual(rest.map(({ text }) => text), [1, 2, 3, 4, 5].map((number) => `line ${number}`));
  rest.forEach((event) => assert.equal(event.raw.text, event.text));
});

test('the faces of a client are always the same objects', async (t) => {
  const { options } = await serviceFor(t, () => {});
  const client = new Client(options);
  assert.equal(client.visitor, client.visitor);
  assert.notEqual(client.metrics, client.metrics);
  assert.equal(client.accountId, '12345678');
  assert.equal(client.visitor.chat('K1').id, 'K1');
});
