import { isSecret, reveal, secret } from "../../domain/secret.ts";

/**
 * JSON that keeps what `JSON.stringify` loses: Maps, octets, and the text of secrets. It is for files that are encrypted
 * whole, and for nothing else. Throws TypeError for what it would not give back as it was.
 */
export function toSealedJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, written: unknown) {
    // `written` has been through toJSON, which redacts; `this[key]` has not.
    const original = this[key];
    if (isSecret(original)) return { [SECRET]: reveal(original) };
    if (original instanceof Map) return { [MAP]: [...original] };
    if (original instanceof Uint8Array) return { [OCTETS]: Buffer.from(original).toString("base64") };
    if (!isPlain(original)) throw new TypeError(`${key} is of a kind that JSON would change`);
    return written;
  });
}

export function fromSealedJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    const { [SECRET]: hidden, [MAP]: entries, [OCTETS]: octets } = value as Record<string, unknown>;
    if (typeof hidden === "string") return secret(hidden);
    if (typeof octets === "string") return Buffer.from(octets, "base64");
    return Array.isArray(entries) ? new Map(entries as [unknown, unknown][]) : value;
  });
}

// No field of ours, and none that a person can name: settings keep only the fields that edges read.
const SECRET = "\u0000secret";
const MAP = "\u0000map";
const OCTETS = "\u0000octets";

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "bigint";
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
