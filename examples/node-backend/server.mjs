// A chat backend: an HTTP service of our own between visitors and LivePerson's agents. See README.md.
//
//   POST   /chats              {"text": …, "skill": …}  starts a chat           → 201 {"id": …}
//   GET    /chats/ID?from=N                             messages as they come   → 200, a JSON document a line
//   POST   /chats/ID/lines     {"text": …}              hands a line over       → 202
//   DELETE /chats/ID                                    ends the chat           → 204

import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

import { Client, LpchatError, Sandbox, setLogger } from 'lpchat';

import { Relay } from './relay.mjs';

const POLL_MS = Number(process.env.LPCHAT_EXAMPLE_POLL_MS ?? 2000);
const DRAIN_MS = 10_000;

setLogger({ level: 'warn', log: ({ message }) => console.error(message) });

const client = await connect();
const shutdown = new AbortController();
// Every chat listens to it, which Node would take for a leak.
setMaxListeners(0, shutdown.signal);
/** Chats under way, by an id of our own: the service's id is a credential, and stays here. */
const relays = new Map();

/** Talks to the account that is configured, else to a sandbox: the one that we were handed, or one of our own. */
async function connect() {
  if (process.env.LPCHAT_EXAMPLE_SANDBOX) {
    return new Client({ sandbox: process.env.LPCHAT_EXAMPLE_SANDBOX });
  }
  if (process.env.LPCHAT_ACCOUNT_ID) {
    return new Client();
  }
  const sandbox = await Sandbox.start();
  console.log(`no account is configured; a sandbox of our own answers at ${sandbox.origin}`);
  return new Client(sandbox.config);
}

async function start(request, response) {
  const { text, skill = 'Sales' } = await json(request);
  // One promise a chat and no thread: thousands of chats wait in one process.
  const chat = await client.visitor.startChat({ skill, preChatLines: text ? [text] : [] }, { signal: shutdown.signal });
  const id = randomUUID();
  const relay = new Relay(chat, POLL_MS);
  relays.set(id, relay);
  // It rejects when we shut down. What is over stays readable for a minute, for a visitor who comes back.
  const forget = () => setTimeout(() => relays.delete(id), 60_000).unref();
  relay.run(shutdown.signal).catch(() => {}).finally(forget);
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id }));
}

async function follow(relay, from, response) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  try {
    for await (const message of relay.messages(from, AbortSignal.any([gone.signal, shutdown.signal]))) {
      response.write(`${JSON.stringify(message)}\n`);
    }
  } catch (error) {
    // The visitor left, or we are: neither is worth an answer.
    if (error.name !== 'AbortError') {
      throw error;
    }
  }
  response.end();
}

async function line(relay, request, response) {
  const { text } = await json(request);
  if (relay.over) {
    return response.writeHead(410).end();
  }
  await relay.say(text, shutdown.signal);
  return response.writeHead(202).end();
}

async function end(relay, response) {
  await relay.end();
  response.writeHead(204).end();
}

async function handle(request, response) {
  const url = new URL(request.url, 'http://localhost');
  const [, chats, id, lines] = url.pathname.split('/');
  const route = `${request.method} /${chats}${id ? '/ID' : ''}${lines ? `/${lines}` : ''}`;
  if (route === 'POST /chats') {
    return start(request, response);
  }
  const relay = relays.get(id);
  if (relay === undefined) {
    return response.writeHead(404).end();
  }
  switch (route) {
    case 'GET /chats/ID':
      return follow(relay, Number(url.searchParams.get('from') ?? 0), response);
    case 'POST /chats/ID/lines':
      return line(relay, request, response);
    case 'DELETE /chats/ID':
      return end(relay, response);
    default:
      return response.writeHead(405).end();
  }
}

/** Tells whoever called us what went wrong: code and hint are made to be shown, the stack is not. */
function refuse(error, response) {
  const told = LpchatError.is(error)
    ? { code: error.code, hint: error.hint, retryable: error.retryable }
    : { text: 'something went wrong' };
  if (!LpchatError.is(error)) {
    console.error(error);
  }
  if (response.headersSent) {
    response.end();
  } else {
    response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify(told));
  }
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => refuse(error, response));
});

/** Takes no new chat, ends those under way, gives these calls their time, and leaves. */
process.once('SIGTERM', async () => {
  server.close();
  shutdown.abort();
  const open = [...relays.values()].filter((relay) => !relay.over);
  open.forEach((relay) => relay.end().catch((error) => console.error(error.message)));
  await client.close({ drain: DRAIN_MS });
  server.closeAllConnections();
  console.log(`drained: ${open.length} chats ended`);
  process.exit(0);
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
