import { hash } from "node:crypto";
import type { AuthenticationRecord } from "../domain/record.ts";

/** `written_at` of contents is as exact as this: they are written rarely, and kept long. */
export const CONTENTS_LAG = "interval '1 day'";

/**
 * SHA-256, hexadecimal, over all that the event of a decided authentication says, less what is this occurrence's own:
 * instant, ids, type and client stand on the event.
 */
export function contentHash({ text, body }: AuthenticationRecord["event"], decided: Decided): string {
  return hash("sha256", JSON.stringify([text, body, decided.decision, decided.evidenceHash]));
}

type Decided = NonNullable<AuthenticationRecord["decided"]>;
