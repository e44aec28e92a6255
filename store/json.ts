// Inside a JSON text: U+0000, or half a surrogate pair; `JSON.stringify` escapes both. An even run of backslashes before
// it is text, so that `\\u0000` (a backslash and "u0000") stays.
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON that jsonb accepts. Postgres refuses U+0000 and lone surrogates, and a client may send either as its user name:
 * they become U+FFFD, since one refused text would hold up the whole batch that it is in.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes("\\u") ? text.replaceAll(UNSTORABLE, "$1\\ufffd") : text;
}
