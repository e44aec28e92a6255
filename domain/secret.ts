declare const sealed: unique symbol;

/** A secret in memory. It prints as `[redacted]` wherever it ends up; only `reveal` gives the text. */
export interface Secret {
  readonly [sealed]: "secret";
  toString(): string;
  toJSON(): string;
}

/** What stands in the place of a secret at rest that no key of this process opens. */
export interface UnopenedSecret {
  /** Why, and what to do. */
  readonly unopened: string;
}

const REDACTED = "[redacted]";
// Node's console and util.inspect ask an object for this registered symbol before they look at its fields.
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** A private field is out of reach of whatever lists, copies or prints an object's fields. */
class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [INSPECT](): string {
    return REDACTED;
  }

  static holds(value: object): value is SecretText {
    return #text in value;
  }

  static textOf(wrapped: SecretText): string {
    return wrapped.#text;
  }
}

/** Wraps `text` so that logging, JSON and string templates show `[redacted]`. */
export function secret(text: string): Secret {
  return new SecretText(text) as unknown as Secret;
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && SecretText.holds(value);
}

/** The text of a secret, for the one call that needs it. */
export function reveal(wrapped: Secret): string {
  if (!isSecret(wrapped)) throw new TypeError("not a secret made by secret()");
  return SecretText.textOf(wrapped as unknown as SecretText);
}
