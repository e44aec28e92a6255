import { createHash, randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import { secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { newId } from "./new-id.ts";
import type { Store } from "./pool.ts";

/** Tells our tokens from others' in secret scanners. */
const PREFIX = "portcullis_";

/** A token as lists show it: its text is known only to whom it was given. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string;
  readonly lastFour: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
}

/** Whom a token speaks for. */
export interface TokenBearer {
  readonly organizationId: OrganizationId;
  readonly tokenId: string;
  readonly name: string;
  readonly createdBy: string;
}

/** Makes a token. Its text is in this answer and nowhere else: the store keeps the hash. */
export async function createToken(
  store: Store,
  draft: { readonly organizationId: OrganizationId; readonly name: string; readonly createdBy: string },
): Promise<{ readonly id: string; readonly token: Secret }> {
  const id = newId();
  const text = PREFIX + randomBytes(32).toString("base64url");
  await store.db
    .insertInto("api_tokens")
    .values({
      id,
      organization_id: draft.organizationId,
      name: draft.name,
      created_by: draft.createdBy,
      hash: sha256(text),
      last_four: text.slice(-4),
    })
    .execute();
  return { id, token: secret(text) };
}

/** Whom the token speaks for, if it is one. Looked up by hash, so that timing tells nothing of its text. */
export async function findToken(store: Store, text: string): Promise<TokenBearer | undefined> {
  if (!text.startsWith(PREFIX)) return undefined;
  const row = await store.db
    .selectFrom("api_tokens")
    .select(["id", "organization_id", "name", "created_by"])
    .select(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`.as("stale"))
    .where("hash", "=", sha256(text))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  // A minute's precision spares a write for each request.
  if (row.stale) {
    await store.db
      .updateTable("api_tokens")
      .set({ last_used_at: sql<Date>`now()` })
      .where("id", "=", row.id)
      .execute();
  }
  return { organizationId: row.organization_id, tokenId: row.id, name: row.name, createdBy: row.created_by };
}

export async function listTokens(store: Store, organizationId: OrganizationId): Promise<readonly ApiToken[]> {
  const rows = await store.db
    .selectFrom("api_tokens")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdBy: row.created_by,
    lastFour: row.last_four,
    createdAt: row.created_at.getTime(),
    lastUsedAt: row.last_used_at?.getTime(),
  }));
}

/** False when the organization has no such token. */
export async function deleteToken(store: Store, organizationId: OrganizationId, id: string): Promise<boolean> {
  const { numDeletedRows } = await store.db
    .deleteFrom("api_tokens")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
