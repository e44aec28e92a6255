import type { Directory } from "../domain/directory.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import { userNameKey } from "../domain/local-user.ts";
import type { LocalUser } from "../domain/local-user.ts";
import type { Policy } from "../domain/policy.ts";
import { readDirectories } from "./directories.ts";
import { readLocalUsers } from "./local-users.ts";
import { readNases } from "./nases.ts";
import type { OpenedNases } from "./nases.ts";
import { readPolicy } from "./policies.ts";
import type { Store, Trx } from "./pool.ts";
import { readRevocation } from "./revocation.ts";
import type { RevocationMaterial } from "./revocation.ts";
import { readEdgeSettings } from "./settings.ts";
import type { EdgeSettings } from "./settings.ts";
import { readVerdicts } from "./verdicts.ts";
import type { IdentityVerdict } from "./verdicts.ts";

/** Who may authenticate by password, and who judges that. */
export interface People {
  /** By `userNameKey`. */
  readonly users: ReadonlyMap<string, LocalUser>;
  /** In the order in which they are asked about names that are no local user's. */
  readonly directories: readonly Directory[];
}

/** What rules, labels, setting and NASes amount to. */
export interface Configuration extends OpenedNases {
  readonly policy: Policy;
  readonly settings: EdgeSettings;
}

/**
 * What changed of an organization above a revision; all of it above 0. An edge keeps the same on its disk: a change of
 * shape, here or in what hangs below, raises `FORMAT` of radius-edge/snapshot/disk-snapshot.ts.
 */
export interface OrganizationChanges {
  readonly organizationId: OrganizationId;
  readonly revision: number;
  readonly configuration: Configuration | undefined;
  /** `undefined` above 0 too, where there never were any. */
  readonly people: People | undefined;
  /** As with people. */
  readonly revocation: RevocationMaterial | undefined;
}

/**
 * Reads what changed above a revision. Verdicts are handed over one by one while the rest is still held back: a failure
 * after some of them leaves a reader with verdicts that are newer than its revision, and reads them again. Answers
 * `undefined` when there is no such organization. A revision below the one asked for says that the database was restored to
 * an older state: what the reader holds is worth nothing, and it must ask for all.
 */
export function loadChanges(
  store: Store,
  organizationId: OrganizationId,
  aboveRevision: number,
  onVerdict: (verdict: IdentityVerdict) => void,
): Promise<OrganizationChanges | undefined> {
  // One view of the database for all: a policy never meets the verdicts of another revision.
  const transaction = store.db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return transaction.execute(async (trx) => {
    const found = await trx
      .selectFrom("organizations")
      .select([
        "revision",
        "configuration_revision as configuration",
        "people_revision as people",
        "revocation_revision as revocation",
      ])
      .where("id", "=", organizationId)
      .executeTakeFirst();
    if (found === undefined) return undefined;
    const isNewer = aboveRevision === 0 || found.configuration > aboveRevision;
    const configuration = isNewer ? await readConfiguration(trx, store, organizationId) : undefined;
    const people = found.people > aboveRevision ? await readPeople(trx, store, organizationId) : undefined;
    const revocation = found.revocation > aboveRevision ? await readRevocation(trx, organizationId) : undefined;
    await readVerdicts(trx, organizationId, aboveRevision, onVerdict);
    return { organizationId, revision: found.revision, configuration, people, revocation };
  });
}

async function readConfiguration(trx: Trx, { seals }: Store, organizationId: OrganizationId): Promise<Configuration> {
  const policy = await readPolicy(trx, organizationId);
  if (policy === undefined) throw new Error(`organization ${organizationId} has no policy version`);
  return {
    policy,
    settings: await readEdgeSettings(trx, seals, organizationId),
    ...(await readNases(trx, seals, [organizationId])),
  };
}

async function readPeople(trx: Trx, { seals }: Store, organizationId: OrganizationId): Promise<People> {
  const users = await readLocalUsers(trx, organizationId);
  return {
    users: new Map(users.map((user) => [userNameKey(user.name), user])),
    directories: await readDirectories(trx, seals, organizationId),
  };
}
