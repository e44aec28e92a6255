import { setTimeout as sleep } from "node:timers/promises";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { Log } from "../../runtime/log.ts";
import { isDatabaseAway } from "../../store/availability.ts";
import { listOrganizations } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { coalesce } from "../coalesce.ts";
import type { Freshness } from "./freshness.ts";
import type { HeldOrganizations } from "./held-organizations.ts";

/** Reading from Postgres, in the background or not. */
export interface Sync {
  one(id: OrganizationId): void;
  /** Rejects when Postgres does not answer, the master key is not its own, or an organization could not be read. */
  all(): Promise<void>;
  later(): void;
}

export function createSync(options: {
  readonly store: Store;
  /** Throws where the master key is not that of the database. */
  readonly checkKey: () => Promise<void>;
  readonly held: HeldOrganizations;
  readonly freshness: Freshness;
  readonly refresh: (id: OrganizationId) => Promise<void>;
  readonly log: Log;
}): Sync {
  const { store, held, freshness, log } = options;
  let isKeyChecked = false;
  let failures: unknown[] = [];
  const oneAtATime = coalesce(options.refresh, (id, error) => {
    failures.push(error);
    log.warn({ err: error, organization: id }, "not refreshed");
  });
  const all = async (): Promise<void> => {
    if (!isKeyChecked) await options.checkKey();
    isKeyChecked = true;
    failures = [];
    const known = (await listOrganizations(store)).map(({ id }) => id);
    await Promise.all([...new Set([...known, ...held.views.keys()])].map(oneAtATime));
    if (failures.length > 0) throw failures[0];
    freshness.synced();
  };
  return {
    one: (id) => void (isKeyChecked && oneAtATime(id)),
    all,
    later: () => void all().catch((error: unknown) => log.warn({ err: error }, "not resynchronized")),
  };
}

/** What the disk holds serves while Postgres is away; only an error that says more than that stops the edge. */
export async function withinReach(work: Promise<void>, waitMs: number, log: Log): Promise<void> {
  const ready = work.catch((error: unknown) => {
    if (!isDatabaseAway(error)) throw error;
    log.warn({ err: error }, "Postgres does not answer: this edge answers by what is on its disk");
  });
  await Promise.race([ready, sleep(waitMs)]);
  ready.catch((error: unknown) => log.error({ err: error }, "not synchronized with Postgres"));
}
