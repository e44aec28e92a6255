import { sql } from "kysely";
import type { Decision } from "../domain/decision.ts";
import type { AuthenticationType, Evidence, PortType } from "../domain/evidence.ts";
import type { EventId, OrganizationId, RuleId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { AccountKind } from "../domain/linked-account.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { Session } from "../domain/session.ts";
import type { ComplianceStatus, Verdict } from "../domain/verdict.ts";
import { containing, wildcards } from "./like.ts";
import type { Store } from "./pool.ts";
import { openSessionsOfMac } from "./sessions.ts";
import { verdictOf } from "./verdicts.ts";

export type ClientStatus = "permitted" | "denied" | "session_started" | "session_stopped";

/** An endpoint that authenticated, as its last authentication and accounting left it. */
export interface Client {
  readonly mac: MacAddress;
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey | undefined;
  readonly randomMac: boolean;
  /** Epoch milliseconds. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly authenticatedAt: number;
  readonly lastStatus: ClientStatus;
  /** Event of the last authentication. */
  readonly lastEventId: EventId;
  readonly evidence: Evidence;
  readonly decision: Decision;
  readonly clientIp: string | undefined;
  /** Of the identity; what it was worth to the last request is in `decision.compliance`. */
  readonly verdict: Verdict | undefined;
}

/** One value, or several of which any will do. */
type OneOf<T> = T | readonly T[];

/** All that are given must hold. Instants in epoch milliseconds, against the time last seen: `start` ≤ it < `end`. */
export interface ClientFilter {
  readonly macs?: readonly MacAddress[] | undefined;
  /** Pattern for the MAC's digits: `*` stands for any number of them. */
  readonly macPattern?: string | undefined;
  readonly identity?: IdentityKey | undefined;
  readonly lastStatus?: OneOf<ClientStatus> | undefined;
  /** What the last decision saw. */
  readonly compliance?: OneOf<ComplianceStatus> | undefined;
  readonly provider?: OneOf<AccountKind> | undefined;
  readonly ruleId?: OneOf<RuleId> | undefined;
  readonly ruleName?: OneOf<string> | undefined;
  readonly authentication?: OneOf<AuthenticationType> | undefined;
  readonly portType?: OneOf<PortType> | undefined;
  readonly nasVendor?: OneOf<string> | undefined;
  readonly ssid?: OneOf<string> | undefined;
  readonly vlan?: OneOf<string> | undefined;
  readonly userName?: OneOf<string> | undefined;
  /** Part of the user name, the MAC's digits or the SSID, in any case. */
  readonly text?: string | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly limit: number;
  readonly before?: ClientCursor | undefined;
}

/** Where a page ended: the last client on it. */
interface ClientCursor {
  readonly lastSeenAt: number;
  readonly mac: MacAddress;
}

export interface ClientPage {
  readonly clients: readonly Client[];
  /** Of all pages. */
  readonly total: number;
  readonly next: ClientCursor | undefined;
}

/** Last seen first. */
export async function searchClients(
  store: Store,
  organizationId: OrganizationId,
  filter: ClientFilter,
): Promise<ClientPage> {
  const matching = filteredClients(store, organizationId, filter);
  const { before, limit } = filter;
  const page =
    before === undefined
      ? matching
      : matching.where(
          sql<boolean>`(c.last_seen_at, c.mac) < (${new Date(before.lastSeenAt)}, ${before.mac}::macaddr)`,
        );
  const rows = await page
    .orderBy("c.last_seen_at", "desc")
    .orderBy("c.mac", "desc")
    .limit(limit + 1)
    .execute();
  const counted = await store.db
    .selectFrom(matching.as("found"))
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const clients = rows.slice(0, limit).map(clientOf);
  const last = clients.at(-1);
  const next = rows.length > limit && last ? { lastSeenAt: last.lastSeenAt, mac: last.mac } : undefined;
  return { clients, total: counted.total, next };
}

/** One client with its open sessions, newest first. */
export async function findClient(
  store: Store,
  organizationId: OrganizationId,
  mac: MacAddress,
): Promise<{ readonly client: Client; readonly sessions: readonly Session[] } | undefined> {
  const row = await selectClients(store, organizationId).where("c.mac", "=", mac).executeTakeFirst();
  if (row === undefined) return undefined;
  return { client: clientOf(row), sessions: await openSessionsOfMac(store, organizationId, mac) };
}

/** The MAC addresses that an identity was seen with, the latest first. */
export async function macsOfIdentity(
  store: Store,
  organizationId: OrganizationId,
  identity: IdentityKey,
): Promise<readonly MacAddress[]> {
  const rows = await store.db
    .selectFrom("clients")
    .select("mac")
    .where("organization_id", "=", organizationId)
    .where("identity", "=", identity)
    .orderBy("last_seen_at", "desc")
    .execute();
  return rows.map((row) => row.mac);
}

function selectClients(store: Store, organizationId: OrganizationId) {
  return store.db
    .selectFrom("clients as c")
    .leftJoin("verdicts as v", (join) =>
      join.onRef("v.organization_id", "=", "c.organization_id").onRef("v.identity", "=", "c.identity"),
    )
    .innerJoin("event_contents as k", (join) =>
      join.onRef("k.organization_id", "=", "c.organization_id").onRef("k.hash", "=", "c.content_hash"),
    )
    .innerJoin("evidence as e", (join) =>
      join.onRef("e.organization_id", "=", "k.organization_id").onRef("e.hash", "=", "k.evidence_hash"),
    )
    .selectAll("c")
    .select(["v.verdict", "k.decision", "e.evidence"])
    .where("c.organization_id", "=", organizationId);
}

/** The query for the clients that a filter lets through, unordered. */
export function filteredClients(store: Store, organizationId: OrganizationId, filter: ClientFilter) {
  let query = selectClients(store, organizationId);
  const { macs, macPattern, identity, text, start, end } = filter;
  if (macs !== undefined) query = query.where(sql<boolean>`c.mac = any(${macs}::macaddr[])`);
  if (identity !== undefined) query = query.where("c.identity", "=", identity);
  if (macPattern !== undefined) {
    query = query.where(sql<boolean>`replace(c.mac::text, ':', '') like ${wildcards(macPattern)}`);
  }
  const fields = [
    [sql`c.last_status`, filter.lastStatus],
    [sql`k.decision #>> '{compliance,status}'`, filter.compliance],
    [sql`v.verdict #>> '{source,kind}'`, filter.provider],
    [sql`k.decision #>> '{rule,id}'`, filter.ruleId],
    [sql`k.decision #>> '{rule,name}'`, filter.ruleName],
    [sql`e.evidence ->> 'portType'`, filter.portType],
    [sql`e.evidence ->> 'nasVendor'`, filter.nasVendor],
    [sql`k.decision #>> '{access,authorization,vlan}'`, filter.vlan],
    [sql`e.evidence ->> 'authentication'`, filter.authentication],
    [sql`e.evidence ->> 'ssid'`, filter.ssid],
    [sql`e.evidence ->> 'userName'`, filter.userName],
  ] as const;
  for (const [field, value] of fields) {
    if (value !== undefined) query = query.where(sql<boolean>`${field} = any(${[value].flat()}::text[])`);
  }
  if (text !== undefined) {
    const pattern = containing(text);
    query = query.where(
      sql<boolean>`(e.evidence ->> 'userName' ilike ${pattern} or e.evidence ->> 'ssid' ilike ${pattern}
        or replace(c.mac::text, ':', '') ilike ${pattern})`,
    );
  }
  if (start !== undefined) query = query.where("c.last_seen_at", ">=", new Date(start));
  if (end !== undefined) query = query.where("c.last_seen_at", "<", new Date(end));
  return query;
}

type ClientRow = Awaited<ReturnType<ReturnType<typeof selectClients>["execute"]>>[number];

function clientOf(row: ClientRow): Client {
  return {
    mac: row.mac,
    organizationId: row.organization_id,
    identity: row.identity ?? undefined,
    randomMac: row.random_mac,
    firstSeenAt: row.first_seen_at.getTime(),
    lastSeenAt: row.last_seen_at.getTime(),
    authenticatedAt: row.authenticated_at.getTime(),
    lastStatus: row.last_status,
    lastEventId: row.last_event_id,
    evidence: row.evidence,
    decision: row.decision,
    clientIp: row.client_ip ?? undefined,
    verdict: row.verdict === null ? undefined : verdictOf(row.verdict),
  };
}
