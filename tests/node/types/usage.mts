// Checked by the compiler, never run: what users write in TypeScript, and what the types refuse.

import {
  ChatState,
  Client,
  type ChatEvent,
  type ChatRequest,
  type ClientOptions,
  type Engagement,
  ErrorCode,
  type JsonObject,
  LpchatChatStateError,
  LpchatError,
  LpchatTimeoutError,
  Sandbox,
  type SearchQuery,
  setLogger,
  TABLE_NAMES,
  type TableName,
} from 'lpchat';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export async function chat(signal: AbortSignal): Promise<void> {
  await using client = new Client({ accountId: '12345678', appKey: '…', timeout: 5000, serverErrorPauses: [5] });
  const request: ChatRequest = { skill: 'Sales', preChatLines: ['Order 42'] };
  const chat = await client.visitor.startChat(request, { signal, timeout: 1000, retries: 0, headers: { 'x-a': 'b' } });
  await client.visitor.startChat();
  const { state } = await chat.retrieveInformation();
  same<typeof state, ChatState | undefined>(true);
  if (state === 'chatting' || state === ChatState.Ended || state === 'a state of the future') {
    const id = await chat.addLine('hello', { signal });
    same<typeof id, string | undefined>(true);
  }
  const events = await chat.retrieveEvents({ fromId: 5, signal });
  same<typeof events.events, ChatEvent[]>(true);
  same<typeof events.nextId, number>(true);
  same<ChatEvent['time'], Date | undefined>(true);
  same<typeof events.raw, JsonObject>(true);
  const session = await client.agent.startSession();
  await session.setAvailability('Online', { reasonId: '5' });
  const accepted = await session.acceptChat();
  await accepted?.addLine({ text: 'hi', json: { type: 'vertical', elements: [{ type: 'text', text: null }] } });
  await client.close({ drain: 10_000 });

  // @ts-expect-error a misspelled member
  await client.visitor.startChat({ skil: 'Sales' });
  // @ts-expect-error ids are strings
  await client.visitor.startChat({ skillId: 25 });
  // @ts-expect-error a misspelled option
  await chat.retrieveEvents({ from: 5 });
  // @ts-expect-error users make no chats
  new (Object.getPrototypeOf(chat).constructor as typeof import('lpchat').VisitorChat)();
  // @ts-expect-error answers are read-only
  events.nextId = 7;
}

export async function history(client: Client): Promise<string[]> {
  const query: SearchQuery = { start: new Date(), end: '2026-03-01', skillIds: ['14'], keyword: '"money back"', limit: undefined };
  const names: string[] = [];
  for await (const engagement of client.history.search(query, { timeout: 60_000 })) {
    same<typeof engagement, Engagement>(true);
    names.push(engagement.agentName ?? engagement.info.agentFullName ?? '');
    for (const line of engagement.transcript.lines) {
      names.push(line.text ?? '');
    }
  }
  for await (const page of client.history.search(query).pages()) {
    names.push(...page.failures.map((failure) => failure.path));
  }
  const all = await client.history.search(query).toArray();
  same<typeof all, Engagement[]>(true);
  const count: number = await client.history.search(query).count();
  return [...names, `${count} ${all.length}`];
}

export function errors(error: unknown): string | undefined {
  if (LpchatTimeoutError.is(error)) {
    same<typeof error, LpchatTimeoutError>(true);
    return error.code === ErrorCode.DeadlineExceeded ? 'late' : error.hint;
  }
  if (error instanceof LpchatChatStateError) {
    same<typeof error.family, 'ChatState'>(true);
  }
  if (LpchatError.is(error)) {
    const numbers: (number | undefined)[] = [error.status, error.attempts, error.elapsed, error.retryAfter, error.codeNumber];
    same<typeof error.retryable, boolean>(true);
    // @ts-expect-error no such code
    const never = error.code === 'LPCHAT_NONSENSE';
    return `${error.operation} ${error.serviceCode} ${error.serviceMessage} ${error.requestId} ${numbers} ${never}`;
  }
  return undefined;
}

export async function sandbox(options: ClientOptions): Promise<void> {
  await using sandbox = await Sandbox.start({ seed: 7, engagements: 100, switches: { scripted_agent: false, agent_accept_ms: 5 } });
  const client = new Client({ ...options, ...sandbox.config });
  await sandbox.advance(1000);
  setLogger({ level: 'debug', log: ({ level, message }) => console[level](message) });
  const visitor: Pick<typeof client.visitor, 'startChat'> = client.visitor;
  await visitor.startChat({});
}

/** A test of a user stands in for a model with an object literal. */
export const literal: ChatEvent = { id: '1', type: 'line', text: 'hi', isRepeated: false, isAfterGap: false, raw: {} };

export async function tables(client: Client): Promise<void> {
  const search = client.history.search({ start: '2026-03-01', end: '2026-04-01', redact: { hashKey: '0123456789abcdef' } });
  for await (const batch of search.batches('lines', { keepPlaceholders: true, timeout: 1000 })) {
    same<typeof batch, Uint8Array<ArrayBufferLike>>(true);
  }
  for await (const { engagements, sde_purchases } of search.tables(['engagements', 'sde_purchases'])) {
    same<typeof engagements, typeof sde_purchases>(true);
  }
  const names: readonly TableName[] = TABLE_NAMES;
  search.tables(names);
  // @ts-expect-error -- there is no such table
  search.batches('line');
  // @ts-expect-error -- it was not asked for
  for await (const { surveys } of search.tables(['lines'])) search.batches(surveys);
}
