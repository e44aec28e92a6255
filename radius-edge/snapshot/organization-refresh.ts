import type { OrganizationId } from "../../domain/identifiers.ts";
import type { Log } from "../../runtime/log.ts";
import { loadChanges } from "../../store/edge-snapshot.ts";
import type { OrganizationChanges, People } from "../../store/edge-snapshot.ts";
import type { Store } from "../../store/pool.ts";
import type { RevocationMaterial } from "../../store/revocation.ts";
import { countVerdicts } from "../../store/verdicts.ts";
import type { HeldOrganizations } from "./held-organizations.ts";
import { nextView } from "../organization-view.ts";
import type { OrganizationView, ViewParts } from "../organization-view.ts";
import { unopenedOf } from "../unopened.ts";
import type { Unopened } from "../unopened.ts";
import { createVerdictTable } from "./verdict-table.ts";

/**
 * Brings one organization up to date from Postgres: what changed above the revision held, and all of it where what is held
 * cannot be trusted. That is so when the database is older than it, and when an edge that began from its disk
 * counts other verdicts than there are (changes above a revision do not tell what was deleted), or lacks a secret that no
 * key opened.
 */
export function createRefresh(options: {
  readonly store: Store;
  readonly held: HeldOrganizations;
  readonly parts: ViewParts;
  readonly fromDisk: Iterable<OrganizationId>;
  readonly onChanged: (id: OrganizationId) => void;
  readonly log: Log;
}): (id: OrganizationId) => Promise<void> {
  const { store, held, parts, log } = options;
  const unproven = new Set(options.fromDisk);

  const read = async (
    id: OrganizationId,
    from: OrganizationView | undefined,
  ): Promise<OrganizationView | undefined> => {
    const verdicts = from?.verdicts ?? createVerdictTable();
    const above = from?.revision ?? 0;
    const changes = await loadChanges(store, id, above, ({ identity, verdict }) => verdicts.set(identity, verdict));
    if (changes === undefined) return undefined;
    for (const sentence of sentencesOf(unopenedOf({ ...changes.configuration, people: changes.people }))) {
      log.error({ organization: id }, sentence);
    }
    if (changes.revision === above) return from;
    if (changes.revision < above) return readAnew(id);
    return nextView(held.views.get(id), above === 0 ? whole(changes) : changes, verdicts, parts);
  };
  const readAnew = (id: OrganizationId): Promise<OrganizationView | undefined> => {
    log.warn({ organization: id }, "what this edge holds is not what Postgres has: reading it all");
    return read(id, undefined);
  };
  const proven = async (id: OrganizationId, view: OrganizationView | undefined) => {
    if (view === undefined || !unproven.has(id)) return view;
    // With the keys of this start more may open.
    const isWhole = sentencesOf(unopenedOf(view)).length === 0;
    const isAll = isWhole && view.verdicts.size === (await countVerdicts(store.db, id));
    unproven.delete(id);
    return isAll ? view : readAnew(id);
  };

  return async (id) => {
    const before = held.views.get(id);
    const next = await proven(id, await read(id, before));
    if (next === before) return;
    if (next === undefined) held.remove(id);
    else held.put(next);
    options.onChanged(id);
  };
}

function sentencesOf({ nases, directories, serverKeys }: Unopened): readonly string[] {
  return [...nases, ...directories, ...serverKeys];
}

/** Read from the beginning, what is absent is not there: of what was held before nothing stays in its place. */
function whole({ people = NOBODY, revocation = NOTHING, ...changes }: OrganizationChanges): OrganizationChanges {
  return { ...changes, people, revocation };
}

const NOBODY: People = { users: new Map(), directories: [] };
const NOTHING: RevocationMaterial = { crls: [], intermediates: [] };
