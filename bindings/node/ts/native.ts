/** The native addon, as it is. Everything else of the package is a layer on top of it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Any object of the core. Arguments cross as a JSON array, or as it is where there is but one, a text. */
export interface NativeObject {
  /** Begins an operation. Gives its outcome, or the number under which `takeOutcomes` will give it. */
  invoke(
    method: string,
    positional: string | undefined,
    isSoleText: boolean,
    options: string | undefined,
    canceller: NativeCanceller | undefined,
  ): number | Outcome;
  invokeSync(method: string, positional: string | undefined, isSoleText: boolean): Outcome;
}

export interface NativeCanceller {
  cancel(): void;
}

/** The answers that a value was decoded from: a short one as it is, else what only the addon looks into. */
export type Answers = string | { readonly answers: unique symbol };

/** The outcome of an invocation: a value, or an error as JSON. */
export interface Outcome {
  /** The number of the call, where it was begun before. */
  call?: number;
  /** The value, its documents as rows; an object stands as its index in `handles`. */
  json?: string;
  answers?: Answers;
  /** Bytes beside it. */
  bytes?: Buffer[];
  handles?: NativeObject[];
  error?: string;
}

interface NativeModule {
  NativeCanceller: new () => NativeCanceller;
  /** Notes what is to be called when outcomes have come. It keeps no process alive. */
  onOutcomes(callback: () => void): void;
  takeOutcomes(): Outcome[];
  /** The text of a document, from where it stands in which answer. */
  answerText(answers: Exclude<Answers, string>, start: number, length: number): string | null;
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
