import { isSecret, reveal, secret } from "../../domain/secret.ts";

/**
 * JSON that keeps what `JSON.stringify` loses: Maps, and the text of secrets. It is for files that are encrypted whole, and
 * for nothing else.
 */
export function toSealedJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, written: unknown) {
    // `written` has been through toJSON, which redacts; `this[key]` has not.
    const original = this[key];
    if (isSecret(original)) return { [SECRET]: reveal(original) };
    if (original instanceof Map) return { [MAP]: [...original] };
    return written;
  });
}

export function fromSealedJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    const { [SECRET]: hidden, [MAP]: entries } = value as Record<string, unknown>;
    if (typeof hidden === "string") return secret(hidden);
    return Array.isArray(entries) ? new Map(entries as [unknown, unknown][]) : value;
  });
}

// No field of ours, and none that a person can name: settings keep only the fields that edges read.
const SECRET = "\u0000secret";
const MAP = "\u0000map";
