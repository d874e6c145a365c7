/** Log records, handed over on the JavaScript thread. */

import { native } from './native.js';

/** How important a record is. The names are those of the console's methods. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One log record. Nothing secret or personal is in it. */
export interface LogRecord {
  readonly level: LogLevel;
  /** A sentence. */
  readonly message: string;
}

/** Where log records go. */
export interface Logger {
  /** The least important records wanted: `debug` has every attempt, `info` repeats, `warn` throttles; `info` when absent. */
  level?: LogLevel | undefined;
  /** Gets each record, on the JavaScript thread. */
  log(record: LogRecord): void;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Calls that stay open long leave records before they settle. */
const INTERVAL = 1000;

let logger: Logger | undefined;
let timer: NodeJS.Timeout | undefined;

/**
 * Hands log records to `to`; without it, stops doing so. Records come when calls settle, and once a second.
 *
 * There is one queue in the process: where several threads have a logger, each record goes to one of them.
 */
export function setLogger(to?: Logger): void {
  drainLog();
  clearInterval(timer);
  logger = to;
  native.setLogLevel(to === undefined ? null : LEVELS.indexOf(to.level ?? 'info') + 1);
  timer = to && setInterval(drainLog, INTERVAL).unref();
}

/** @internal */
export function drainLog(): void {
  if (logger === undefined) {
    return;
  }
  for (const [level, message] of JSON.parse(native.takeLog()) as [number, string][]) {
    try {
      logger.log({ level: LEVELS[level - 1] ?? 'error', message });
    } catch (error) {
      // As with listeners of events: a mistake of the logger is uncaught, and changes no outcome. A line that was sent
      // must not look as if it was not.
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
