import type { Directory } from "../domain/directory.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import { userNameKey } from "../domain/local-user.ts";
import type { LocalUser } from "../domain/local-user.ts";
import type { Nas } from "../domain/nas.ts";
import type { Policy } from "../domain/policy.ts";
import type { Verdict } from "../domain/verdict.ts";
import { readDirectories } from "./directories.ts";
import { readLocalUsers } from "./local-users.ts";
import { readNases } from "./nases.ts";
import { readPolicy } from "./policies.ts";
import type { Store, Trx } from "./pool.ts";
import { readEdgeSettings } from "./settings.ts";
import type { EdgeSettings } from "./settings.ts";
import { readVerdicts } from "./verdicts.ts";

/** Who may authenticate by password, and who judges that. */
export interface People {
  /** By `userNameKey`. */
  readonly users: ReadonlyMap<string, LocalUser>;
  /** In the order in which they are asked about names that are no local user's. */
  readonly directories: readonly Directory[];
}

/** All that an edge needs of an organization, as it stood at one revision. */
export interface OrganizationSnapshot {
  readonly organizationId: OrganizationId;
  readonly revision: number;
  readonly policy: Policy;
  readonly settings: EdgeSettings;
  readonly nases: readonly Nas[];
  /** `undefined` where they are as at the revision asked for: there may be thousands, and they change seldom. */
  readonly people: People | undefined;
  /** Of `loadChanges`: those above the revision asked for. */
  readonly verdicts: ReadonlyMap<IdentityKey, Verdict>;
}

/** The organization whole; `undefined` when there is none such. */
export function loadOrganizationSnapshot(
  store: Store,
  organizationId: OrganizationId,
): Promise<OrganizationSnapshot | undefined> {
  return loadChanges(store, organizationId, 0);
}

/**
 * As `loadOrganizationSnapshot`, with only the verdicts above a revision, and people only where they changed above it:
 * the rest is small and always whole.
 */
export function loadChanges(
  store: Store,
  organizationId: OrganizationId,
  aboveRevision: number,
): Promise<OrganizationSnapshot | undefined> {
  // One view of the database for all: a policy never meets the verdicts of another revision.
  const transaction = store.db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return transaction.execute(async (trx) => {
    const organization = await trx
      .selectFrom("organizations")
      .select(["revision", "people_revision"])
      .where("id", "=", organizationId)
      .executeTakeFirst();
    const policy = await readPolicy(trx, organizationId);
    if (organization === undefined || policy === undefined) return undefined;
    const verdicts = await readVerdicts(trx, organizationId, aboveRevision);
    return {
      organizationId,
      revision: organization.revision,
      policy,
      settings: await readEdgeSettings(trx, store.seals, organizationId),
      nases: await readNases(trx, store.seals, [organizationId]),
      people: organization.people_revision > aboveRevision ? await readPeople(trx, store, organizationId) : undefined,
      verdicts: new Map(verdicts.map(({ identity, verdict }) => [identity, verdict])),
    };
  });
}

async function readPeople(trx: Trx, { seals }: Store, organizationId: OrganizationId): Promise<People> {
  const users = await readLocalUsers(trx, organizationId);
  return {
    users: new Map(users.map((user) => [userNameKey(user.name), user])),
    directories: await readDirectories(trx, seals, organizationId),
  };
}
