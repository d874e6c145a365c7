/** The sandbox, the emulator of the service, as a child process. */

import './polyfill.js';

import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { ownError } from './failure.js';
import type { JsonValue } from './values.js';

/** How a sandbox is started. */
export interface SandboxOptions {
  /** The same seed gives the same data and ids. */
  seed?: number | undefined;
  /** How many engagements its history holds; 2000 when absent. */
  engagements?: number | undefined;
  /** The sandbox's today, such as `2026-03-31`; generated history lies before it. */
  baseDate?: string | undefined;
  /** Behaviour where the service's is uncertain; `lpchat-sandbox --list-switches` names them. */
  switches?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** A file that keeps the history between runs; memory when absent. */
  data?: string | undefined;
  /** The account id. */
  account?: string | undefined;
  /** The executable; the variable `LPCHAT_SANDBOX`, the one in this package, or the one on PATH when absent. */
  path?: string | undefined;
}

/** What makes a client talk to a sandbox: `new Client(sandbox.config)`. */
export interface SandboxConfig {
  /** The configuration line. It holds the sandbox's credentials. */
  readonly sandbox: string;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const NAME = process.platform === 'win32' ? 'lpchat-sandbox.exe' : 'lpchat-sandbox';
/** How long it may take to end. */
const GRACE = 5000;

/**
 * A running sandbox. It ends with `close`, with its `await using` block, or with this process, whichever comes first,
 * and keeps no process from ending.
 */
export class Sandbox {
  readonly #child: Child;
  readonly #line: string;

  private constructor(child: Child, line: string) {
    this.#child = child;
    this.#line = line;
  }

  /** Starts a sandbox on a free port of the loopback interface. */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const path = options.path ?? executable();
    // Few programs start a sandbox, and all of them would pay for loading this.
    const { spawn } = await import('node:child_process');
    const child = spawn(path, argumentsOf(options), { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    const line = await firstLine(child).catch((reason: unknown) => {
      throw ownError('InvalidOption', `${path} cannot be started.`, reason);
    });
    if (line === undefined) {
      throw ownError('InvalidOption', `lpchat-sandbox did not start: ${complaint.trim() || 'it said nothing'}`);
    }
    // Nobody reads what it may still say, and it keeps no process alive: it ends when its standard input closes.
    child.stderr.destroy();
    child.stdout.destroy();
    child.unref();
    (child.stdin as Writable & { unref?: () => void }).unref?.();
    return new Sandbox(child, line);
  }

  /** What makes a client talk to this sandbox: `new Client(sandbox.config)`. */
  get config(): SandboxConfig {
    return { sandbox: this.#line };
  }

  /** Its address, such as `http://127.0.0.1:43121`. */
  get origin(): string {
    return (JSON.parse(this.#line) as { domain_origin: string }).domain_origin;
  }

  /** Moves the sandbox's clock forward by so many milliseconds; what falls due meanwhile happens. */
  async advance(milliseconds: number): Promise<void> {
    await this.admin('POST', '/admin/clock', { advance_ms: milliseconds });
  }

  /** Stops the sandbox's clock, or lets it run again. */
  async freeze(frozen = true): Promise<void> {
    await this.admin('POST', '/admin/clock', { freeze: frozen });
  }

  /** Calls the sandbox's admin interface, which its README describes. */
  async admin(method: string, path: string, body?: unknown): Promise<JsonValue> {
    const request: RequestInit = { method, headers: { 'content-type': 'application/json', connection: 'close' } };
    if (body !== undefined) {
      request.body = JSON.stringify(body);
    }
    const response = await fetch(this.origin + path, request);
    const text = await response.text();
    if (!response.ok) {
      throw ownError('InvalidArgument', `The sandbox refuses ${method} ${path}: ${text}`);
    }
    return text === '' ? null : (JSON.parse(text) as JsonValue);
  }

  /** Ends the sandbox. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    child.ref();
    const ended = once(child, 'exit');
    child.stdin.on('error', () => {});
    child.stdin.end();
    const impatience = setTimeout(() => child.kill('SIGKILL'), GRACE);
    await ended;
    clearTimeout(impatience);
  }

  /** Ends it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function argumentsOf(options: SandboxOptions): string[] {
  const { seed, engagements, baseDate, data, account } = options;
  const named = { seed, engagements, 'base-date': baseDate, data, account };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return [
    ...given.flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...Object.entries(options.switches ?? {}).flatMap(([name, value]) => ['--switch', `${name}=${setting(value)}`]),
  ];
}

function setting(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

/** The first line of its output; nothing when it ends without one. */
async function firstLine(child: Child): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: child.stdout });
  const failed = once(child, 'error').then(([reason]) => Promise.reject(reason as Error));
  const line = once(lines, 'line').then(([text]) => text as string);
  const ended = once(child, 'close').then(() => undefined);
  try {
    return await Promise.race([failed, line, ended]);
  } finally {
    failed.catch(() => {});
    lines.close();
  }
}

function executable(): string {
  const folders = [join(__dirname, '..'), ...(process.env['PATH'] ?? '').split(delimiter)];
  const candidates = [process.env['LPCHAT_SANDBOX'], ...folders.map((folder) => join(folder, NAME))];
  const found = candidates.find((candidate) => candidate !== undefined && isExecutable(candidate));
  if (found === undefined) {
    throw ownError(
      'MissingOption',
      `${NAME} was not found in the package or on PATH: name it with the option \`path\` or the variable LPCHAT_SANDBOX; \`cargo build -p lpchat-sandbox\` makes it.`,
    );
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
