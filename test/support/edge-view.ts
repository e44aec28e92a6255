import type { IdentityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { DecisiveVerdict } from "../../domain/verdict.ts";
import { loadChanges } from "../../store/edge-snapshot.ts";
import type { Configuration, People } from "../../store/edge-snapshot.ts";
import type { RevocationMaterial } from "../../store/revocation.ts";
import type { Store } from "../../store/pool.ts";

/** What an edge is told of an organization above a revision. */
export interface EdgeView {
  readonly revision: number;
  readonly configuration: Configuration | undefined;
  readonly people: People | undefined;
  readonly revocation: RevocationMaterial | undefined;
  readonly verdicts: ReadonlyMap<IdentityKey, DecisiveVerdict>;
}

/** Reads as an edge does: all of the organization, or what changed above a revision. */
export async function edgeView(
  store: Store,
  organizationId: OrganizationId,
  aboveRevision = 0,
): Promise<EdgeView | undefined> {
  const verdicts = new Map<IdentityKey, DecisiveVerdict>();
  const changes = await loadChanges(
    store,
    organizationId,
    aboveRevision,
    ({ identity, verdict }) => void verdicts.set(identity, verdict),
  );
  return changes && { ...changes, verdicts };
}
