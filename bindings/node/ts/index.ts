/**
 * lpchat: an unofficial SDK for LivePerson's legacy Chat APIs and Engagement History API.
 *
 * @packageDocumentation
 */

/// <reference lib="esnext.disposable" preserve="true" />

import { native } from './native.js';

export * from './generated/enumerations.js';
export * from './generated/errors.js';
export type * from './generated/inputs.js';
export * from './generated/models.js';
export * from './generated/objects.js';
export * from './generated/tables.js';
export type { TableOptions } from './pages.js';
export type { JsonInput, JsonObject, JsonValue, Time } from './values.js';
export { type LogLevel, type LogRecord, type Logger, setLogger } from './log.js';
export { Sandbox, type SandboxConfig, type SandboxOptions } from './sandbox.js';

/** The version of lpchat. */
export const version: string = native.version();
