import { sql } from "kysely";
import type { EdgeId, OrganizationId } from "../domain/identifiers.ts";
import { jsonText } from "./json.ts";
import type { Store } from "./pool.ts";

/** A process that holds RADIUS sockets, CoA included. */
export interface Edge {
  readonly id: EdgeId;
  /** URL of its internal port, `https` on every host but loopback. */
  readonly internalAddress: string;
  /** The revision of each organization that it holds. */
  readonly revisions: Readonly<Record<OrganizationId, number>>;
  /** Epoch milliseconds. */
  readonly seenAt: number;
}

/** An edge that has not been heard of for longer is taken for dead. It beats several times within this. */
const LIVE_WITHIN = sql<Date>`now() - interval '15 seconds'`;

interface EdgeProcess {
  readonly id: EdgeId;
  readonly internalAddress: string;
  readonly nonce: string;
  /** The machine or container, as of this boot. */
  readonly host?: string;
  /** It has just opened the internal address itself: whoever held that on this host is dead. */
  readonly succeeds?: boolean;
}

export type EdgeRegistered =
  | { readonly kind: "ok" }
  /** Where the process is that lives under the id. */
  | { readonly kind: "taken"; readonly internalAddress: string; readonly host: string | undefined };

/**
 * Enters a process under its edge's id, unless another process lives under it: two would tear sessions apart. The other is
 * left a note of who was refused.
 */
export async function registerEdge(store: Store, edge: EdgeProcess): Promise<EdgeRegistered> {
  const columns = {
    internal_address: edge.internalAddress,
    process_nonce: edge.nonce,
    host: edge.host ?? null,
    contender: null,
    seen_at: sql<Date>`now()`,
  };
  const entered = await store.db
    .insertInto("edges")
    .values({ id: edge.id, ...columns })
    .onConflict((conflict) =>
      conflict
        .column("id")
        .doUpdateSet({ ...columns, revisions: "{}" })
        .where((eb) =>
          eb.or([
            eb("edges.process_nonce", "=", edge.nonce),
            eb("edges.seen_at", "<", LIVE_WITHIN),
            ...(edge.succeeds === true && edge.host !== undefined
              ? [eb.and([eb("edges.internal_address", "=", edge.internalAddress), eb("edges.host", "=", edge.host)])]
              : []),
          ]),
        ),
    )
    .returning("id")
    .executeTakeFirst();
  if (entered !== undefined) return { kind: "ok" };
  const other = await store.db
    .updateTable("edges")
    .set({ contender: `${edge.internalAddress} on ${edge.host ?? "an unknown host"}` })
    .where("id", "=", edge.id)
    .returning(["internal_address", "host"])
    .executeTakeFirst();
  return { kind: "taken", internalAddress: other?.internal_address ?? "unknown", host: other?.host ?? undefined };
}

/** `isOurs` is false when another process has taken the id: this one must stop. A contender is told of once. */
export async function heartbeatEdge(
  store: Store,
  beat: {
    readonly id: EdgeId;
    readonly nonce: string;
    readonly revisions: Readonly<Record<OrganizationId, number>>;
  },
): Promise<{ readonly isOurs: boolean; readonly contender: string | undefined }> {
  const ours = await store.db
    .with("before", (db) => db.selectFrom("edges").select(["id", "contender"]).where("id", "=", beat.id).forUpdate())
    .updateTable("edges")
    .from("before")
    .set({ revisions: jsonText(beat.revisions), contender: null, seen_at: sql<Date>`now()` })
    .whereRef("edges.id", "=", "before.id")
    .where("edges.process_nonce", "=", beat.nonce)
    .returning("before.contender")
    .executeTakeFirst();
  return { isOurs: ours !== undefined, contender: ours?.contender ?? undefined };
}

/** Leaves in order, so that the next start need not wait for this process to be taken for dead. */
export async function releaseEdge(store: Store, edge: { readonly id: EdgeId; readonly nonce: string }): Promise<void> {
  await store.db.deleteFrom("edges").where("id", "=", edge.id).where("process_nonce", "=", edge.nonce).execute();
}

/** Living or not: ask `liveEdges` for those to be called. */
export async function findEdge(store: Store, id: EdgeId): Promise<Edge | undefined> {
  const row = await store.db.selectFrom("edges").selectAll().where("id", "=", id).executeTakeFirst();
  return row && edgeOf(row);
}

export async function liveEdges(store: Store): Promise<readonly Edge[]> {
  const rows = await store.db
    .selectFrom("edges")
    .selectAll()
    .where("seen_at", ">=", LIVE_WITHIN)
    .orderBy("id")
    .execute();
  return rows.map(edgeOf);
}

function edgeOf(row: { id: EdgeId; internal_address: string; revisions: Record<string, number>; seen_at: Date }): Edge {
  return {
    id: row.id,
    internalAddress: row.internal_address,
    revisions: row.revisions,
    seenAt: row.seen_at.getTime(),
  };
}
