import { sql } from "kysely";
import type { MacAddress } from "../../domain/mac-address.ts";
import type { Store } from "../../store/pool.ts";
import type { Stay } from "./stays.ts";

interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly mac: MacAddress | null;
  readonly acctSessionId: string | null;
  readonly text: string;
}

/** What Postgres and the books of the switches do not agree on; a sentence or id each. */
export interface Discrepancies {
  /** What the edge says of those that it refused, unless they were strangers. */
  readonly refused: readonly string[];
  /** Accepts without their event. */
  readonly lost: readonly string[];
  /** Events that are there more than once. */
  readonly twice: readonly string[];
  /** Devices with fewer decisions than answers, or more than there can have been. */
  readonly access: readonly string[];
  /** Sessions with less accounting than was acknowledged, or more than there can have been. */
  readonly accounting: readonly string[];
}

export const NONE: Discrepancies = { refused: [], lost: [], twice: [], access: [], accounting: [] };

const ACCOUNTED = { start: "NAC_ACCOUNTING_START", stop: "NAC_ACCOUNTING_STOP" } as const;

/**
 * Compares both ways: every answer has its event, and every event was asked for. `isStranger`: who is to be refused; nobody
 * unless told.
 */
export async function compare(
  store: Store,
  book: readonly Stay[],
  isStranger: (mac: string) => boolean = () => false,
): Promise<Discrepancies> {
  const events = await readEvents(store);
  const ids = new Set(events.map(({ id }) => id));
  const accountingTypes = new Set<string>(Object.values(ACCOUNTED));
  const isOfAccess = ({ type }: StoredEvent): boolean => !accountingTypes.has(type);
  return {
    refused: events
      .filter((event) => isOfAccess(event) && event.type !== "NAC_CLIENT_PERMIT" && !isStranger(event.mac ?? ""))
      .map(({ mac, type, text }) => `${mac}: ${type}, ${text}`),
    lost: book.filter(lacksEvent(ids)).map(({ member, decisionId }) => `${member.client.name}: ${decisionId}`),
    twice: twiceIn(events.map(({ id }) => id)),
    access: outOfBounds(
      countBy(events.filter(isOfAccess), ({ mac }) => mac ?? "no MAC"),
      decisionBounds(book),
    ),
    accounting: outOfBounds(
      countBy(
        events.filter((event) => !isOfAccess(event)),
        ({ type, acctSessionId }) => `${type} ${acctSessionId}`,
      ),
      accountingBounds(book),
    ),
  };
}

async function readEvents({ db }: Store): Promise<readonly StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    select e.id, e.type, replace(e.mac::text, ':', '') as mac, coalesce(e.text, c.text) as text,
      e.body ->> 'acct_session_id' as "acctSessionId"
    from events e
    left join event_contents c on c.organization_id = e.organization_id and c.hash = e.content_hash
  `.execute(db);
  return rows;
}

const lacksEvent =
  (ids: ReadonlySet<string>) =>
  ({ outcome, decisionId }: Stay): boolean =>
    outcome === "accepted" && (decisionId === undefined || !ids.has(decisionId));

function twiceIn(ids: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

function decisionBounds(book: readonly Stay[]): ReadonlyMap<string, Bounds> {
  const bounds = new Map<string, Bounds>();
  for (const { member, outcome, decisions } of book) {
    const { least, most } = bounds.get(member.client.mac) ?? { least: 0, most: 0 };
    const isDecided = outcome === "accepted" || outcome === "rejected";
    bounds.set(member.client.mac, { least: least + (isDecided ? 1 : 0), most: most + decisions });
  }
  return bounds;
}

function accountingBounds(book: readonly Stay[]): ReadonlyMap<string, Bounds> {
  const bounds = book.flatMap(({ acctSessionId, accounted }) =>
    accounted.map(({ kind, records }) => [`${ACCOUNTED[kind]} ${acctSessionId}`, { least: 1, most: records }] as const),
  );
  return new Map(bounds);
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function outOfBounds(counts: ReadonlyMap<string, number>, bounds: ReadonlyMap<string, Bounds>): readonly string[] {
  return [...new Set([...counts.keys(), ...bounds.keys()])].flatMap((key) => {
    const count = counts.get(key) ?? 0;
    const { least, most } = bounds.get(key) ?? { least: 0, most: 0 };
    return count >= least && count <= most ? [] : [`${key}: ${count} events, ${least} to ${most} asked for`];
  });
}
