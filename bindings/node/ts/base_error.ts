/** What the generated error classes stand on. */

/** The same in every copy of the package, so that errors are recognised across copies and formats. */
const BRAND = Symbol.for('lpchat.error');

type AnyClass = abstract new (...parameters: never[]) => unknown;

/** The base of `LpchatError`. */
export class ErrorBase extends Error {
  /** @internal */
  static readonly family: string | undefined = undefined;

  constructor(text: string, details: Readonly<Record<string, unknown>> = {}) {
    super(text);
    Object.assign(this, details);
    const name = `Lpchat${new.target.family ?? ''}Error`;
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Whether a value is an error of this class. Unlike `instanceof` it also knows errors of another copy of the
   * package, such as one that a dependency brought along.
   */
  static is<Class extends AnyClass>(this: Class, error: unknown): error is InstanceType<Class> {
    if (typeof error !== 'object' || error === null || !(BRAND in error)) {
      return false;
    }
    const family = (this as unknown as typeof ErrorBase).family;
    return family === undefined || (error as { family?: unknown }).family === family;
  }
}
