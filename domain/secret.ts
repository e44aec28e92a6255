declare const sealed: unique symbol;

/** A secret in memory. It prints as `[redacted]` wherever it ends up; only `reveal` gives the text. */
export interface Secret {
  readonly [sealed]: "secret";
  toString(): string;
  toJSON(): string;
}

const REDACTED = "[redacted]";
const texts = new WeakMap<Secret, string>();
// Node's console and util.inspect ask an object for this registered symbol before they look at its fields.
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Wraps `text` so that logging, JSON and string templates show `[redacted]`. */
export function secret(text: string): Secret {
  const redacted = (): string => REDACTED;
  const wrapped = Object.freeze({ toString: redacted, toJSON: redacted, [INSPECT]: redacted }) as unknown as Secret;
  texts.set(wrapped, text);
  return wrapped;
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && texts.has(value as Secret);
}

/** The text of a secret, for the one call that needs it. */
export function reveal(wrapped: Secret): string {
  const text = texts.get(wrapped);
  if (text === undefined) throw new TypeError("not a secret made by secret()");
  return text;
}
