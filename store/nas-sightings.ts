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

/** Where the newest sessions of a NAS came from, open or ended: each address once, the one heard of last first. */
export async function nasSightings(store: Store, nasId: NasId): Promise<readonly NasSighting[]> {
  const rows = await store.db
    .selectFrom("sessions as s")
    .innerJoin("evidence as e", (join) =>
      join.onRef("e.organization_id", "=", "s.organization_id").onRef("e.hash", "=", "s.evidence_hash"),
    )
    .select(["e.evidence", "s.last_seen_at"])
    .where("s.nas_id", "=", nasId)
    .orderBy("s.last_seen_at", "desc")
    .limit(SESSIONS)
    .execute();
  const byAddress = new Map<string, NasSighting>();
  for (const { evidence, last_seen_at: at } of rows) {
    const { nas } = evidence;
    if (!byAddress.has(nas.sourceAddress)) byAddress.set(nas.sourceAddress, { nas, at: at.getTime() });
  }
  return [...byAddress.values()];
}
