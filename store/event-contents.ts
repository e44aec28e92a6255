import { hash } from "node:crypto";
import { sql } from "kysely";
import type { AuthenticationRecord } from "../domain/record.ts";
import type { Store } from "./pool.ts";

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

/**
 * Deletes what no event from `oldest` on can say: such an event was written whole, or repeats the Accept of a session that was
 * seen since. A record that says one of them in this very moment locks it first, or writes it anew.
 */
export async function forgetContents({ db }: Store, oldest: Date): Promise<void> {
  await sql`
    delete from event_contents c
    where written_at < ${oldest}::timestamptz - ${sql.raw(CONTENTS_LAG)}
      and not exists (select from clients k where k.organization_id = c.organization_id and k.content_hash = c.hash)
      and not exists (
        select from sessions s
        where s.organization_id = c.organization_id and s.content_hash = c.hash
          and (s.ended_at is null or s.last_seen_at >= ${oldest}))
  `.execute(db);
}
