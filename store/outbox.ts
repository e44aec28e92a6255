import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { CoaType } from "../domain/coa.ts";
import type { EventId, OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { Outbox } from "./database.ts";
import { jsonText } from "./json.ts";
import { listen } from "./listen.ts";
import type { Listener } from "./listen.ts";
import type { Store, StoreLog } from "./pool.ts";

/** The channel on which the relay hears of wishes; the payload is empty. */
export const OUTBOX_CHANNEL = "portcullis_outbox";

/** The event that wished, for people who read the workflow's history. */
interface SeenPayload {
  readonly eventId: string;
  readonly text: string;
  /** Epoch milliseconds of the event, and its client; absent where accounting wished. */
  readonly at?: number;
  readonly mac?: MacAddress;
}

export interface CoaPayload {
  readonly organizationId: OrganizationId;
  readonly mac: MacAddress;
  readonly coaType: CoaType;
  /** Who asked. */
  readonly source: string;
}

/** Something that Temporal is to hear at least once. */
export type Wish = {
  readonly id: number;
  /** Grows when the wish is repeated before it is delivered. */
  readonly generation: number;
  readonly organizationId: OrganizationId;
  /** Epoch milliseconds of the first time. */
  readonly createdAt: number;
  /** This delivery included. */
  readonly attempts: number;
} & (
  | { readonly kind: "seen"; readonly subject: IdentityKey; readonly payload: SeenPayload }
  | { readonly kind: "session_changed"; readonly subject: IdentityKey; readonly payload: SeenPayload }
  | { readonly kind: "coa"; readonly subject: EventId; readonly payload: CoaPayload }
);

/**
 * Takes wishes that are due, newest first: who connects now waits now. Each is this taker's until its lease ends; if the
 * taker dies, it is due again then.
 */
export async function takeWishes(
  store: Store,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): Promise<readonly Wish[]> {
  const rows = await store.db
    // A `with`, not an `in (select …)`: that may run twice and lock more than its limit.
    .with("due", (db) =>
      db
        .selectFrom("outbox")
        .select("id")
        .where("next_attempt_at", "<=", sql<Date>`now()`)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable("outbox")
    .from("due")
    .set({ attempts: sql<number>`attempts + 1`, next_attempt_at: later(leaseMs) })
    .whereRef("outbox.id", "=", "due.id")
    .returningAll("outbox")
    .execute();
  return rows.map(wishOf).toSorted((a, b) => b.createdAt - a.createdAt || b.id - a.id);
}

/** Delivered. A wish that was repeated meanwhile stays, and is due at once. */
export async function completeWish(store: Store, wish: Pick<Wish, "id" | "generation">): Promise<void> {
  const { numDeletedRows } = await store.db
    .deleteFrom("outbox")
    .where("id", "=", wish.id)
    .where("generation", "=", wish.generation)
    .executeTakeFirst();
  if (numDeletedRows > 0n) return;
  await store.db
    .updateTable("outbox")
    .set({ next_attempt_at: sql<Date>`now()`, attempts: 0 })
    .where("id", "=", wish.id)
    .execute();
}

/** Not delivered: due again after `delayMs`. */
export async function postponeWish(store: Store, wish: Pick<Wish, "id">, delayMs: number): Promise<void> {
  await store.db
    .updateTable("outbox")
    .set({ next_attempt_at: later(delayMs) })
    .where("id", "=", wish.id)
    .execute();
}

/** Wishes for a CoA that a person asked for; `id` is that of the event that says so, and asks once however often written. */
export async function addCoaWish(store: Store, wish: CoaPayload & { readonly id: EventId }): Promise<void> {
  const { id, ...payload } = wish;
  await store.db.transaction().execute(async (trx) => {
    await trx
      .insertInto("outbox")
      .values({ organization_id: wish.organizationId, kind: "coa", subject: id, payload: jsonText(payload) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await sql`select pg_notify(${OUTBOX_CHANNEL}, '')`.execute(trx);
  });
}

/** Calls `onWish` when there may be wishes to take: one was written, or the connection was away. */
export function listenOutbox(databaseUrl: string, onWish: () => void, log?: StoreLog): Promise<Listener> {
  return listen({ databaseUrl, channel: OUTBOX_CHANNEL, onNotification: onWish, onReconnect: onWish, log });
}

function later(ms: number) {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`;
}

function wishOf(row: Selectable<Outbox>): Wish {
  const { id, generation, attempts, kind, subject, payload } = row;
  const common = { id, generation, attempts, organizationId: row.organization_id, createdAt: row.created_at.getTime() };
  switch (kind) {
    case "seen":
    case "session_changed":
      return { ...common, kind, subject: subject as IdentityKey, payload: payload as SeenPayload };
    case "coa":
      return { ...common, kind, subject: subject as EventId, payload: payload as CoaPayload };
  }
}
