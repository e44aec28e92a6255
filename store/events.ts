import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Decision } from "../domain/decision.ts";
import type { EventType, NacEvent } from "../domain/event.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { EventId, OrganizationId, RuleId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { DB as Database } from "./database.ts";
import { jsonText } from "./json.ts";
import { containing, wildcards } from "./like.ts";
import type { Store } from "./pool.ts";

/** Writes events; one that is there already, by its id and instant, stays as it is. */
export async function insertEvents(where: Store | Kysely<Database>, events: readonly NacEvent[]): Promise<void> {
  if (events.length === 0) return;
  const db = "db" in where ? where.db : where;
  const rows = events.map((event) => ({
    id: event.id,
    at: new Date(event.at),
    organization_id: event.organizationId,
    type: event.type,
    mac: event.mac ?? null,
    identity: event.identity ?? null,
    text: event.text,
    body: jsonText(event.body),
  }));
  await db
    .insertInto("events")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** All that are given must hold. Instants in epoch milliseconds: `start` ≤ `at` < `end`. */
export interface EventFilter {
  readonly types?: readonly EventType[] | undefined;
  readonly macs?: readonly MacAddress[] | undefined;
  /** Pattern for the MAC's digits: `*` stands for any number of them. */
  readonly macPattern?: string | undefined;
  readonly identity?: IdentityKey | undefined;
  /** Body field `nacrule_id`. */
  readonly ruleId?: RuleId | undefined;
  /** Part of the event's sentence, in any case. */
  readonly text?: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  readonly before?: EventCursor | undefined;
}

/** Where a page ended: the last event on it. */
export interface EventCursor {
  readonly at: number;
  readonly id: EventId;
}

export interface EventPage {
  readonly events: readonly NacEvent[];
  readonly next: EventCursor | undefined;
}

/** Latest first. Pages hang together while new events arrive, since a page goes on from an event, not from a count. */
export async function searchEvents(
  store: Store,
  organizationId: OrganizationId,
  filter: EventFilter,
): Promise<EventPage> {
  const { before, limit } = filter;
  let query = filteredEvents(store, organizationId, filter).select(COLUMNS);
  if (before !== undefined) query = query.where(sql<boolean>`(at, id) < (${new Date(before.at)}, ${before.id}::uuid)`);
  const rows = await query
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(limit + 1)
    .execute();
  const events = rows.slice(0, limit).map((row) => ({
    id: row.id,
    at: row.at.getTime(),
    organizationId: row.organization_id,
    type: row.type,
    mac: row.mac ?? undefined,
    identity: row.identity ?? undefined,
    text: row.text,
    body: row.body,
  }));
  const last = events.at(-1);
  return { events, next: rows.length > limit && last ? { at: last.at, id: last.id } : undefined };
}

const COLUMNS = ["id", "at", "organization_id", "type", "mac", "identity", "text", "body"] as const;

/** Events with what they say, wherever that is stored. */
function selectEvents({ db }: Store) {
  return db.selectFrom(
    db
      .selectFrom("events as e")
      .leftJoin("event_contents as c", (join) =>
        join.onRef("c.organization_id", "=", "e.organization_id").onRef("c.hash", "=", "e.content_hash"),
      )
      .select(["e.id", "e.at", "e.organization_id", "e.type", "e.mac", "e.identity"])
      .select((eb) => [
        eb.fn.coalesce("e.text", "c.text").$notNull().as("text"),
        eb.fn.coalesce("e.body", "c.body").$notNull().as("body"),
      ])
      .as("events"),
  );
}

/** The query for the events that a filter lets through, unordered, nothing selected yet. */
export function filteredEvents(
  store: Store,
  organizationId: OrganizationId,
  { types, macs, macPattern, identity, ruleId, text, start, end }: Omit<EventFilter, "limit" | "before">,
) {
  let query = selectEvents(store)
    .where("organization_id", "=", organizationId)
    .where("at", ">=", new Date(start))
    .where("at", "<", new Date(end));
  if (types !== undefined) query = query.where(sql<boolean>`type = any(${types}::text[])`);
  if (macs !== undefined) query = query.where(sql<boolean>`mac = any(${macs}::macaddr[])`);
  if (macPattern !== undefined) {
    query = query.where(sql<boolean>`replace(mac::text, ':', '') like ${wildcards(macPattern)}`);
  }
  if (identity !== undefined) query = query.where("identity", "=", identity);
  if (ruleId !== undefined) query = query.where(sql<boolean>`body ->> 'nacrule_id' = ${ruleId}`);
  if (text !== undefined) query = query.where("text", "ilike", containing(text));
  return query;
}

/** What a decision rested on, to run it again: with `loadPolicy` of its policy version. */
export async function findDecision(
  store: Store,
  organizationId: OrganizationId,
  event: EventCursor,
): Promise<{ readonly evidence: Evidence; readonly decision: Decision } | undefined> {
  return store.db
    .selectFrom("events as v")
    .innerJoin("event_contents as c", (join) =>
      join.onRef("c.organization_id", "=", "v.organization_id").onRef("c.hash", "=", "v.content_hash"),
    )
    .innerJoin("evidence as e", (join) =>
      join.onRef("e.organization_id", "=", "c.organization_id").onRef("e.hash", "=", "c.evidence_hash"),
    )
    .select(["e.evidence", "c.decision"])
    .where("v.at", "=", new Date(event.at))
    .where("v.id", "=", event.id)
    .where("v.organization_id", "=", organizationId)
    .executeTakeFirst();
}
