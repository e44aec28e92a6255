import type { NasEvidence } from "../domain/evidence.ts";
import type { NasId } from "../domain/identifiers.ts";
import type { Store } from "./pool.ts";

/** What a NAS said of itself, and from where, when one of its sessions was last heard of. */
export interface NasSighting {
  readonly nas: NasEvidence;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Enough to find each AP of a site that has some hundred clients at each. */
const SESSIONS = 1_000;
/** Of all NASes together. No index leads to the ended sessions of one, and there are three months of them. */
const NEWEST = 10_000;

/**
 * Where sessions of a NAS came from: each address once, the one heard of last first. Looked at are its open sessions, and those
 * ended among the newest of the installation.
 */
export async function nasSightings({ db }: Store, nasId: NasId): Promise<readonly NasSighting[]> {
  const newest = db.selectFrom("sessions").selectAll().orderBy("id", "desc").limit(NEWEST);
  const ended = db.selectFrom(newest.as("newest")).where("ended_at", "is not", null);
  const columns = ["organization_id", "evidence_hash", "last_seen_at"] as const;
  const found = db
    .selectFrom("sessions")
    .where("ended_at", "is", null)
    .where("nas_id", "=", nasId)
    .select(columns)
    .unionAll(ended.where("nas_id", "=", nasId).select(columns))
    .orderBy("last_seen_at", "desc")
    .limit(SESSIONS);
  const rows = await db
    .selectFrom(found.as("s"))
    .innerJoin("evidence as e", (join) =>
      join.onRef("e.organization_id", "=", "s.organization_id").onRef("e.hash", "=", "s.evidence_hash"),
    )
    .select(["e.evidence", "s.last_seen_at"])
    .orderBy("s.last_seen_at", "desc")
    .execute();
  const byAddress = new Map<string, NasSighting>();
  for (const { evidence, last_seen_at: at } of rows) {
    const { nas } = evidence;
    if (!byAddress.has(nas.sourceAddress)) byAddress.set(nas.sourceAddress, { nas, at: at.getTime() });
  }
  return [...byAddress.values()];
}
