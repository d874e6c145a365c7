// What several tests need: a sandbox, a server of the test's own making, programs run as processes.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Sandbox } from 'lpchat';

export const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '..', '..');

// `make` names the sandbox; a bare `npm test` finds what cargo has built.
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'lpchat-sandbox');
if (!process.env.LPCHAT_SANDBOX && existsSync(built)) {
  process.env.LPCHAT_SANDBOX = built;
}

/** A sandbox that ends with the test. */
export async function sandboxFor(test, options = {}) {
  const sandbox = await Sandbox.start({ seed: 7, engagements: 300, ...options });
  test.after(() => sandbox.close());
  return sandbox;
}

/**
 * A server that plays the whole service: it answers the directory itself and leaves the rest to `answer(request,
 * response, body)`. Gives what a client needs to talk to it, and what it has seen.
 */
export async function serviceFor(test, answer) {
  const seen = { requests: [], aborted: 0 };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) {
      body += part;
    }
    if (request.url.includes('/baseURI.json')) {
      const baseURIs = ['conversationVep', 'agentVep', 'engHistDomain', 'sentinel'].map((service) => ({ service, account: '1', baseURI: host }));
      return response.end(JSON.stringify({ baseURIs }));
    }
    seen.requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.on('close', () => (seen.aborted += response.writableFinished ? 0 : 1));
    return answer(request, response, body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  const origin = `http://${host}`;
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const line = {
    kind: 'lpchat-sandbox',
    account_id: '12345678',
    origins: [origin],
    domain_origin: origin,
    app_key: 'facade01-canary-app-key',
    username: 'agent@example.com',
    password: 'sandbox-secret-canary',
    client_id: 'facade02',
    client_secret: 'facade03-canary-client-secret',
  };
  return { origin, seen, line, options: { sandbox: JSON.stringify(line) } };
}

export function json(response, value, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Repeats `look` until it gives something. */
export async function until(look, milliseconds = 5000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`nothing within ${milliseconds} ms: ${look}`);
    }
    await sleep(10);
  }
}

/** Runs a program of the folder `programs`; gives its exit code, its output and how long it took. */
export async function program(name, parameters = [], environment = {}) {
  const started = performance.now();
  const child = spawn(process.execPath, [join(here, 'programs', name), ...parameters], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => (output[stream] += text));
  }
  const [code, signal] = await new Promise((resolve) => child.on('close', (...ended) => resolve(ended)));
  return { code, signal, ...output, milliseconds: performance.now() - started };
}

/** Runs `work(index)` so many times, a few at a time. */
export async function times(count, atOnce, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
