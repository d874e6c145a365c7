/** The native addon, as it is. Everything else of the package is a layer on top of it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Any object of the core. */
export interface NativeObject {
  invoke(
    method: string,
    positional: string,
    options: string | undefined,
    canceller: NativeCanceller | undefined,
  ): Promise<Outcome>;
  invokeSync(method: string, positional: string): Outcome;
}

export interface NativeCanceller {
  cancel(): void;
}

/** The outcome of an invocation: a value, or an error as JSON. */
export interface Outcome {
  /** The value; an object stands as its index in `handles`. */
  json?: string;
  /** The answers that the value was decoded from. */
  sources?: Buffer[];
  /** Bytes beside it. */
  bytes?: Buffer[];
  handles?: NativeObject[];
  error?: string;
}

interface NativeModule {
  NativeCanceller: new () => NativeCanceller;
  construct(object: string, options: string): Outcome;
  setLogLevel(level: number | null): void;
  takeLog(): string;
  version(): string;
}

const ADDON = join(__dirname, '..', 'lpchat.node');

function load(): NativeModule {
  try {
    return require(ADDON) as NativeModule;
  } catch (reason) {
    const cure = existsSync(ADDON)
      ? 'It was built for another platform, or a library that it needs is missing: install lpchat on this very ' +
        'machine, or build the addon here with `npm run build` in a clone.'
      : `There is no file ${ADDON}: install the package again, or build the addon with \`npm run build\` in a clone.`;
    const message = reason instanceof Error ? reason.message : String(reason);
    throw new Error(
      `lpchat cannot load its native addon for ${process.platform}-${process.arch}, Node ${process.version}: ${message}\n${cure}`,
      { cause: reason },
    );
  }
}

export const native: NativeModule = load();
