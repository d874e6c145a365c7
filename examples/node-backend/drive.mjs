// Drives visitors through the backend, all at once, and prints what they got: `node drive.mjs [VISITORS]`.
//
// It starts a sandbox, the backend as a process of its own that talks to it, and one visitor for each chat, who talks to
// the backend alone.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { Sandbox } from 'lpchat';

const VISITORS = Number(process.argv[2] ?? 50);
const QUESTIONS = ['Where is my order?', 'When will it arrive?', 'Thank you.'];

const given = process.env.LPCHAT_EXAMPLE_SANDBOX;
const sandbox = given ? undefined : await Sandbox.start({ seed: 7 });
const backend = spawn(process.execPath, [fileURLToPath(new URL('server.mjs', import.meta.url))], {
  env: { LPCHAT_EXAMPLE_POLL_MS: '300', ...process.env, LPCHAT_EXAMPLE_SANDBOX: given ?? sandbox.config.sandbox },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const said = createInterface({ input: backend.stdout });
const [listening] = await once(said, 'line');
const origin = listening.match(/http:\S+/)[0];

async function call(method, path, body) {
  const response = await fetch(origin + path, { method, body: body && JSON.stringify(body) });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return response;
}

/** One visitor: asks, waits for the answer, asks again, leaves. Gives what it saw. */
async function visit(number) {
  const seen = { visitor: number, acceptedMs: undefined, agent: undefined, sent: 0, received: 0, answerMs: [], end: 'no end' };
  const started = performance.now();
  const { id } = await (await call('POST', '/chats', { text: `Order ${1000 + number}` })).json();
  let askedAt;
  const ask = async () => {
    askedAt = performance.now();
    await call('POST', `/chats/${id}/lines`, { text: QUESTIONS[seen.sent] });
    seen.sent += 1;
  };
  const messages = createInterface({ input: Readable.fromWeb((await call('GET', `/chats/${id}`)).body) });
  for await (const text of messages) {
    const message = JSON.parse(text);
    if (message.type === 'line') {
      seen.received += 1;
      seen.agent ??= message.by;
      if (askedAt !== undefined) {
        seen.answerMs.push(performance.now() - askedAt);
      }
      await (seen.sent < QUESTIONS.length ? ask() : call('DELETE', `/chats/${id}`));
    } else if (message.state === 'chatting') {
      seen.acceptedMs = performance.now() - started;
    } else if (message.state === 'ended') {
      seen.end = 'ended';
    } else if (message.type === 'problem') {
      seen.end = `${message.text} ${message.code ?? ''}`;
    }
  }
  return seen;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const ms = (value) => (Number.isFinite(value) ? `${Math.round(value)} ms` : '–');

function report(results, seconds) {
  const row = (...cells) => console.log(cells.map((cell, index) => String(cell).padEnd([9, 10, 10, 6, 10, 14, 30][index])).join('').trimEnd());
  row('visitor', 'agent', 'accepted', 'sent', 'received', 'answered after', '  how it ended');
  for (const { visitor, agent, acceptedMs, sent, received, answerMs, end } of results) {
    row(visitor, agent ?? '–', ms(acceptedMs), sent, received, ms(median(answerMs)), `  ${end}`);
  }
  const sum = (member) => results.reduce((total, result) => total + result[member], 0);
  const answers = results.flatMap((result) => result.answerMs);
  const ended = results.filter((result) => result.end === 'ended').length;
  console.log(`\n${results.length} visitors at once, ${ended} chats ended, ${sum('sent')} lines sent, ${sum('received')} received, in ${seconds.toFixed(1)} s`);
  console.log(`accepted after ${ms(median(results.map((result) => result.acceptedMs)))}, answered after ${ms(median(answers))} (medians)`);
  return ended === results.length && sum('sent') === results.length * QUESTIONS.length;
}

const started = performance.now();
const settled = await Promise.allSettled(Array.from({ length: VISITORS }, (_, index) => visit(index + 1)));
const results = settled.map(({ value, reason }, index) => value ?? { visitor: index + 1, sent: 0, received: 0, answerMs: [], end: `${reason}` });
let good = report(results, (performance.now() - started) / 1000);

// Three more visitors are in the middle of their chats when the backend is told to stop.
const cutShort = [1, 2, 3].map((number) => visit(VISITORS + number).catch((error) => ({ end: `${error}` })));
await new Promise((resolve) => setTimeout(resolve, 1200));
const lastWords = once(said, 'line');
const exited = once(backend, 'exit');
backend.kill('SIGTERM');
const [[words], [code]] = [await lastWords, await exited];
console.log(`SIGTERM in the middle of ${cutShort.length} chats: "${words}", exit code ${code}`);
good &&= code === 0;

await Promise.all(cutShort);
await sandbox?.close();
process.exitCode = good ? 0 : 1;
