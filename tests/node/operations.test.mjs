// Every operation of the interface, through the typed API, against the sandbox.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import * as lpchat from 'lpchat';

import { sandboxFor, until } from './support.mjs';

const { Client } = lpchat;
const DAY = 86_400_000;

/** Notes which operations are called: those of every class whose calls give promises. */
const called = new Set();
const operations = new Set();
for (const [name, Class] of Object.entries(lpchat)) {
  if (typeof Class !== 'function' || !['Client', 'Visitor', 'VisitorChat', 'Agent', 'AgentSession', 'AgentChat', 'History', 'Search', 'ExportRun', 'EventStream'].includes(name)) {
    continue;
  }
  for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(Class.prototype))) {
    if (typeof value !== 'function' || method === 'constructor' || /return \(0, handle_js_1\.call\)/.test(value.toString()) === false) {
      continue;
    }
    operations.add(`${name}.${method}`);
    Class.prototype[method] = function (...parameters) {
      called.add(`${name}.${method}`);
      return value.apply(this, parameters);
    };
  }
}

test('domains', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const domains = await client.retrieveDomains();
  const history = await client.retrieveDomain('engHistDomain');
  assert.ok(domains.some((domain) => domain.service === 'engHistDomain' && domain.host === history.host));
  assert.ok(history instanceof lpchat.ServiceDomain);
  await client.close();
});

test('a visitor and an agent in one chat', async (t) => {
  const sandbox = await sandboxFor(t, { switches: { scripted_agent: false } });
  const client = new Client(sandbox.config);
  const login = await client.agent.login();
  assert.equal(login.loginName, 'agent@example.com');
  await client.agent.refreshLogin();
  const session = await client.agent.startSession();
  assert.match(session.id, /./);
  await session.setAvailability('Online');
  assert.equal((await session.retrieveAvailability()).chat, 'Online');
  assert.equal(await session.acceptChat(), undefined, 'nothing rings yet');

  const visitorChat = await client.visitor.startChat({ skill: 'Sales', preChatLines: ['Order 42'], chatReferrer: 'https://shop.example.com/' });
  assert.equal((await visitorChat.retrieveInformation()).state, lpchat.ChatState.Waiting);
  await until(async () => (await session.retrieveIncomingRequests()).ringingCount > 0);
  const agentChat = await session.acceptChat();
  assert.ok(agentChat instanceof lpchat.AgentChat);
  const [held] = await session.retrieveChatSessions();
  assert.equal(held.chatSessionKey, agentChat.id);
  assert.ok(held.startTime instanceof Date);
  assert.equal(session.chat(agentChat.id).id, agentChat.id);

  assert.match(await agentChat.addLine({ text: 'Good morning' }), /^\d+$/);
  await agentChat.addLine({ text: 'not for the visitor', subType: 'ONLY_TO_REP' });
  await agentChat.addLine({ text: 'card', textType: lpchat.TextType.RichContent, json: { type: 'vertical', elements: [] } });
  assert.match(await visitorChat.addLine('Good day – ☺'), /^\d+$/);

  const events = await agentChat.retrieveEvents();
  const lines = events.events.filter((event) => event.type === 'line' && event.source !== 'system').map((event) => event.text);
  assert.deepEqual(lines, ['Good morning', 'not for the visitor', 'card', 'Good day – ☺']);
  const rich = events.events.find((event) => event.textType === 'rich-content');
  assert.deepEqual(rich.json, { type: 'vertical', elements: [] });
  assert.equal((await agentChat.retrieveEvents({ fromId: events.nextId })).events.length, 0);
  assert.equal((await agentChat.retrieveResources({ fromId: 0 })).information.state, 'chatting');
  assert.equal((await agentChat.retrieveInformation()).state, 'chatting');

  const seen = await visitorChat.retrieveEvents({ fromId: 0 });
  assert.ok(!seen.events.some((event) => event.text === 'not for the visitor'));
  const again = client.visitor.chat(visitorChat.id);
  assert.equal((await again.retrieveResources()).events.nextId, seen.nextId);

  await agentChat.end();
  assert.equal((await visitorChat.retrieveInformation()).state, 'ended');
  await visitorChat.end();
  await client.agent.logout();
  await client.close({ drain: 100 });
});

test('visitor authentication', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const identity = await client.visitor.authenticate({
    ssoKey: 'valid-code',
    authChatConnId: '4711',
    engagementId: '213185212',
    leTagSessionId: 'visit',
    leTagVisitorId: 'visitor',
    leTagContextId: '1',
  });
  assert.match(identity.participantId, /^[0-9a-f-]{36}$/);
  const chat = await client.visitor.startChat({ skill: 'Sales', ...ids(identity) });
  await chat.end();
  await client.close();
});

function ids({ participantId, conversationId }) {
  return { participantId, conversationId };
}

test('engagement history', async (t) => {
  const sandbox = await sandboxFor(t);
  const client = new Client(sandbox.config);
  const query = { start: new Date(Date.now() - 31 * DAY), end: new Date() };
  const count = await client.history.count(query);
  assert.ok(count > 5, `${count} records`);
  const search = client.history.search({ ...query, pageSize: 3, limit: 8 });
  assert.equal(await search.count(), count);
  const first = await search.nextPage();
  assert.equal(first.records.length, 3);
  const rest = await search.toArray();
  assert.equal(rest.length, 5);
  assert.equal(await search.nextPage(), undefined);

  const [engagement] = first.records;
  assert.ok(engagement instanceof lpchat.Engagement && engagement.info.startTime instanceof Date);
  const [found] = await client.history.get(engagement.engagementId, { around: engagement.startTime });
  const [redacted] = await client.history.get(engagement.engagementId, { redact: { hashKey: '0123456789abcdef' } });
  assert.equal(redacted.engagementId, found.engagementId);
  assert.equal(redacted.transcript.lines.length, found.transcript.lines.length);
  assert.ok(redacted.transcript.lines.every((line) => line.text === undefined));
  assert.deepEqual(found.raw, engagement.raw);
  const page = await client.history.retrievePage({ ...query, pageSize: 2, offset: 1 });
  assert.equal(page.offset, 1);
  assert.equal(page.records[0].engagementId, first.records[1].engagementId);

  const quoted = await client.history.search({ ...query, keyword: '"money back"', skillIds: ['25975313'] }).toArray();
  for (const record of quoted) {
    assert.equal(record.info.skillId, '25975313');
    assert.ok(record.transcript.lines.some((line) => /money back/i.test(line.text)), record.engagementId);
  }
  await client.close();
});

test('what a visitor can ask before a chat', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const { visitor } = client;
  const entry = await visitor.retrieveEntryPoint();
  assert.ok(entry.links.some((link) => link.relation === 'chat-request'));
  assert.deepEqual(await visitor.followLink('chat-availability'), { availability: true });
  assert.equal(await visitor.retrieveAvailability({ skill: 'Human' }), false);
  const bySkill = await visitor.retrieveAvailabilityBySkill(['Sales', 'Human'], { maxWaitTimeSeconds: 60 });
  assert.deepEqual(bySkill.map(({ skill, isAvailable }) => [skill, isAvailable]), [['Sales', true], ['Human', false]]);
  assert.equal(await visitor.retrieveAvailableSlots(), -1);
  assert.equal((await visitor.retrieveEstimatedWaitTime({ skill: 'Sales' })).wait, 0);
  const survey = await visitor.retrievePreChatSurvey({ skill: 'Sales' });
  assert.deepEqual(survey.questions[0].entries[0].showLogicIds, ['5']);
  const offline = await visitor.retrieveOfflineSurvey();
  assert.equal(offline.questions[0].type, lpchat.SurveyQuestionType.TextArea);
  await visitor.submitOfflineSurvey({ surveyId: offline.id, answers: [{ questionId: offline.questions[0].id, answers: ['Help'] }] });
  const engagement = await visitor.createEngagement({ engagementAttributes: [{ type: 'personal', personal: { firstname: 'Ann' } }] });
  assert.equal(engagement.status, lpchat.EngagementStatus.Available);
  const { visitorId, sessionId, pageId } = engagement;
  await visitor.updateEngagement({ visitorId, sessionId, pageId });
  await client.close();
});

test('everything of a chat, from both sides', async (t) => {
  const sandbox = await sandboxFor(t, { switches: { scripted_agent: false } });
  const client = new Client(sandbox.config);
  const session = await client.agent.startSession();
  await session.setAvailability('Online');
  const visitorChat = await client.visitor.startChat({ skill: 'Human', customVariables: [{ name: 'tier', value: 'gold' }] });
  await until(async () => (await session.retrieveIncomingRequests()).ringingCount > 0);
  const agentChat = await session.acceptChat();

  await visitorChat.setVisitorName('Zoë');
  assert.deepEqual([await visitorChat.retrieveVisitorName(), await agentChat.retrieveVisitorName()], ['Zoë', 'Zoë']);
  await visitorChat.setVisitorTyping('typing');
  assert.deepEqual([await visitorChat.retrieveVisitorTyping(), await agentChat.retrieveVisitorTyping()], ['typing', 'typing']);
  await agentChat.setAgentTyping(lpchat.TypingState.Typing);
  assert.deepEqual([await visitorChat.retrieveAgentTyping(), await agentChat.retrieveAgentTyping()], ['typing', 'typing']);
  await visitorChat.setCustomVariables([{ name: 'tier', value: 'silver' }]);
  assert.deepEqual((await agentChat.retrieveCustomVariables()).map(({ name, value }) => [name, value]), [['tier', 'silver']]);
  assert.match((await agentChat.retrieveVisit()).links[0].href, /visits.visit.H\d+K\d+$/);
  assert.equal((await agentChat.retrieveVisitInformation()).isInCurrentChat, true);

  const content = { type: 'vertical', elements: [{ type: 'button', title: 'green', click: { actions: [{ type: 'publishText', text: 'green' }] } }] };
  await agentChat.addLine({ text: 'not shown', textType: 'rich-content', content });
  const { events } = await visitorChat.retrieveEvents();
  assert.deepEqual(events.at(-1).json, content);
  const several = await session.retrieveChats([{ chatId: agentChat.id, fromId: events.length }]);
  assert.deepEqual(several.map((chat) => [chat.information.chatSessionKey, chat.events.events.length]), [[agentChat.id, 0]]);

  assert.equal((await visitorChat.followLink('info')).info.state, 'chatting');
  assert.equal((await agentChat.followLink('info')).info.state, 'chatting');
  assert.equal(await visitorChat.postToLink('transcript-request', { email: 'ann@example.com' }, { isUpdate: true }), undefined);
  assert.ok((await agentChat.postToLink('events', { event: { '@type': 'line', text: 'raw' } })).chatEventLocation);
  await visitorChat.requestTranscript('ann@example.com', { timezoneOffsetMilliseconds: -7_200_000 });
  await visitorChat.requestTranscriptWithSubject('ann@example.com', 'Our talk');

  const wrapUp = await agentChat.retrieveSurvey();
  await agentChat.submitSurvey([{ questionId: wrapUp.questions[0].id, answers: ['yes'] }]);
  const survey = await visitorChat.retrieveExitSurvey();
  await visitorChat.submitExitSurvey({ surveyId: survey.id, answers: [{ questionId: survey.questions[0].id, answers: ['no'] }] });
  assert.deepEqual(await agentChat.retrieveTransferSkills(), []);
  await assert.rejects(agentChat.transferToSkill('25975313', { text: 'please' }), { serviceMessage: 'The skill is not available' });
  await assert.rejects(agentChat.transferToAgent('1'), { serviceMessage: 'The agent is not available' });
  await client.close();
});

test('what an agent can ask, and acting for a user', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const session = await client.agent.startSession();
  assert.ok((await session.retrieveResources({ withChats: true })).links.length > 3);
  assert.ok((await session.followLink('info')).info);
  const me = await session.retrieveInformation();
  assert.equal(me.loginName, 'agent@example.com');
  assert.equal(await session.retrieveAvailableSlots({ skill: 'Sales' }), -1);
  const { agents, nextTime } = await session.retrieveAvailableAgents({ chatState: 'Online' });
  assert.ok(agents.some((agent) => agent.nickname === 'Natalie') && nextTime instanceof Date);
  await assert.rejects(session.retrieveParticipantInformation('nobody'), { status: 404 });

  const url = new URL(await client.agent.retrieveAuthorizationUrl('state 1'));
  assert.equal(url.searchParams.get('state'), 'state 1');
  const tokens = await client.agent.exchangeCode('valid-code');
  assert.equal(tokens.userId, me.id);
  const renewed = await client.agent.refreshTokens(tokens.refreshToken);
  assert.notEqual(renewed.accessToken, tokens.accessToken);
  await client.agent.revokeTokens(renewed.refreshToken);
  await client.close();
});

const LIVELY = { switches: { agent_accept_ms: 60, agent_answer_ms: 30 } };
const BRISK = { pollInterval: 20, quietPollInterval: 40 };

test('a chat that lives', async (t) => {
  const sandbox = await sandboxFor(t, LIVELY);
  const client = new Client({ ...sandbox.config, ...BRISK });
  const chat = await client.visitor.startChat({ skill: 'Sales' });
  assert.equal(await chat.waitUntilAccepted(), true);
  const receipt = await chat.send('Where is it?', { whenWaiting: 'queue' });
  assert.equal(receipt.isReadBack, false);
  assert.equal(await chat.resolvePendingLine(), undefined);

  const stream = chat.events();
  const first = [];
  for await (const event of stream) {
    // What lpchat tells by itself, such as typing, has no id.
    if (event.id !== '') {
      first.push(event.id);
    }
    if (event.source === 'agent' && event.text?.includes('Where is it?')) {
      break;
    }
  }
  assert.deepEqual(first, first.map((_, index) => String(index)), 'in order, without a gap');
  const signal = AbortSignal.timeout(300);
  await assert.rejects(async () => {
    for await (const event of chat.events({ signal })) {
      assert.equal(event.type, 'typing', 'an agent who has answered stops typing');
    }
  }, { name: 'TimeoutError' });
  await assert.rejects(stream.nextEvent({ wait: 20 }), { code: 'LPCHAT_NOTHING_CAME' });

  await chat.keepInFile(`${await mkdtemp(join(tmpdir(), 'lpchat-'))}/chat.json`);
  const other = await client.visitor.resume(chat.save());
  assert.equal(await other.engagementId(), await chat.engagementId());
  assert.deepEqual(await client.history.awaitEngagement(await chat.engagementId(), { wait: 1 }), [], 'it is not over yet');
  await other.send('bye');
  const rest = [];
  for await (const event of chat.events()) {
    if (event.id !== '') {
      rest.push(event);
    }
  }
  assert.equal(rest.at(-1).state, lpchat.ChatState.Ended);
  assert.equal(Number(rest[0].id), first.length, 'a loop that was left goes on where it stood');
  assert.equal(await chat.events().nextEvents(), undefined);
  await client.close();
});

test('a chat ends with its block, unless it is kept', async (t) => {
  const client = new Client({ ...(await sandboxFor(t, LIVELY)).config, ...BRISK });
  const states = [];
  for (const keep of [false, true]) {
    const chat = await client.visitor.startChat({ skill: 'Sales' });
    chat.keep(keep);
    await chat[Symbol.asyncDispose]();
    states.push((await chat.retrieveInformation()).state);
  }
  assert.equal(states[0], 'ended');
  assert.notEqual(states[1], 'ended');
  await client.close();
});

test("an agent's chat that lives", async (t) => {
  const sandbox = await sandboxFor(t, { switches: { scripted_agent: false } });
  const client = new Client({ ...sandbox.config, ...BRISK });
  const session = await client.agent.startSession();
  await session.setAvailability('Online');
  const visitor = await client.visitor.startChat({ skill: 'Human' });
  const ring = await session.nextRing({ wait: 5000 });
  assert.ok(ring.timeLeft > 0 && ring.timeLeft <= 20_000);
  const chat = await session.acceptChat();
  assert.equal(await chat.waitUntilAccepted(), true);
  assert.equal((await chat.send('Hello')).isResent, false);
  assert.equal(await chat.resolvePendingLine(), undefined);
  assert.equal(await chat.engagementId(), await visitor.engagementId());
  await chat.keepInFile(`${await mkdtemp(join(tmpdir(), 'lpchat-'))}/chat.json`);
  const texts = [];
  for await (const event of visitor.events()) {
    texts.push(event.text);
    if (event.text === 'Hello') {
      break;
    }
  }
  await chat.leave();
  await visitor.leave();
  await session.leave();
  await client.close();
});

test('the plan of a search', async (t) => {
  const client = new Client((await sandboxFor(t)).config);
  const end = Date.now();
  const windows = await client.history.plan({ start: end - 100 * DAY, end });
  assert.ok(windows.length >= 4 && windows.every((window) => window.end > window.start));
  await client.close();
});

test('an export, its verification, and the same step by step', async (t) => {
  const { history } = new Client((await sandboxFor(t)).config);
  const folder = await mkdtemp(join(tmpdir(), 'lpchat-'));
  const end = Date.now() - 3 * DAY;
  const query = { start: end - 5 * DAY, end };
  const report = await history.export(folder, query);
  assert.ok(report.isComplete && report.format === lpchat.ExportFormat.JsonLines, report.summary);
  assert.equal((await history.verify(folder)).records, report.totalRecords);
  const run = await history.beginExport(folder, query, { resume: false });
  let days = 0;
  for (let progress; (progress = await run.advance()) !== undefined; ) {
    days = progress.daysRead;
  }
  assert.ok(days >= 5 && run.report.isComplete);
  await assert.rejects(history.export(folder, query, { format: 'parquet' }), { code: 'LPCHAT_INVALID_ARGUMENT', message: /jsonl/ });
});

test('every operation was called', () => {
  assert.ok(operations.size >= 25, `${operations.size} operations found`);
  assert.deepEqual([...operations].filter((name) => !called.has(name)), []);
});
