import type { OrganizationId } from "../domain/identifiers.ts";
import type { Nas, RadsecIdentity } from "../domain/nas.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { Log } from "../runtime/log.ts";
import { loadChanges } from "../store/edge-snapshot.ts";
import { subscribe } from "../store/notifications.ts";
import { listOrganizations } from "../store/organizations.ts";
import type { Store } from "../store/pool.ts";
import { createNasRegistry } from "./nas-registry.ts";
import type { NasRegistry } from "./nas-registry.ts";
import { nextView } from "./organization-view.ts";
import type { OrganizationView } from "./organization-view.ts";

/** Policy, verdicts, settings and NASes in memory: all that an answer needs. */
export interface Snapshot {
  /** Throws RangeError for an organization that is not held; a NAS that was found has one. */
  organization(id: OrganizationId): OrganizationView;
  findNas(sourceAddress: string, nasIdentifier: () => string | undefined): Nas | undefined;
  findNasByCertificate(identity: RadsecIdentity): Nas | undefined;
  /** Whether the organization's view is as new as `revision`, within `waitMs`. */
  waitFor(id: OrganizationId, revision: number, waitMs: number): Promise<boolean>;
  readonly revisions: Readonly<Record<OrganizationId, number>>;
  close(): Promise<void>;
}

/** Notifications are lost while a connection is away, and by whoever forgets to send one: look anyway. */
const RESYNC_EVERY_MS = 30 * SECOND_MS;

/**
 * Loads every organization, then keeps up by LISTEN and by resync. Listening begins before loading, so that nothing
 * falls between. Throws while Postgres does not answer: an edge that knows no NAS could only be silent.
 */
export async function openSnapshot(options: {
  readonly store: Store;
  readonly databaseUrl: string;
  /** The installation's, for TLS sessions that any of its edges may resume. */
  readonly resumptionSecret: Uint8Array;
  readonly log: Log;
}): Promise<Snapshot> {
  const { store, databaseUrl, resumptionSecret, log } = options;
  const views = new Map<OrganizationId, OrganizationView>();
  const waiters = new Set<() => void>();
  let registry: NasRegistry = createNasRegistry([]);

  const refresh = async (id: OrganizationId): Promise<void> => {
    const held = views.get(id);
    const changes = await loadChanges(store, id, held?.revision ?? 0);
    if (changes === undefined) views.delete(id);
    else if (changes.revision === held?.revision) return;
    else views.set(id, nextView(held, changes, resumptionSecret));
    registry = createNasRegistry([...views.values()].flatMap(({ nases }) => nases));
    for (const wake of waiters) wake();
  };
  const oneAtATime = coalesce(refresh, (id, error) => log.warn({ err: error, organization: id }, "not refreshed"));
  const refreshAll = async (): Promise<void> => {
    const known = (await listOrganizations(store)).map(({ id }) => id);
    await Promise.all([...new Set([...known, ...views.keys()])].map(oneAtATime));
  };
  const resync = (): void =>
    void refreshAll().catch((error: unknown) => log.warn({ err: error }, "not resynchronized"));

  const listener = await subscribe(databaseUrl, {
    onChange: ({ organization }) => void oneAtATime(organization),
    onReconnect: resync,
    log,
  });
  try {
    for (const { id } of await listOrganizations(store)) await refresh(id);
  } catch (error) {
    await listener.close();
    throw error;
  }
  const timer = setInterval(resync, RESYNC_EVERY_MS).unref();

  return {
    organization(id) {
      const view = views.get(id);
      if (view === undefined) throw new RangeError(`organization ${id} is not held by this edge`);
      return view;
    },
    findNas: (address, nasIdentifier) => registry.find(address, nasIdentifier),
    findNasByCertificate: (identity) => registry.findByCertificate(identity),
    waitFor: (id, revision, waitMs) => waitUntil(() => (views.get(id)?.revision ?? -1) >= revision, waiters, waitMs),
    get revisions() {
      return Object.fromEntries([...views].map(([id, { revision }]) => [id, revision])) as Record<
        OrganizationId,
        number
      >;
    },
    async close() {
      clearInterval(timer);
      await listener.close();
    },
  };
}

/** Runs `work` for one key once at a time; what is asked for meanwhile is one more run after it. */
function coalesce<Key>(
  work: (key: Key) => Promise<void>,
  onError: (key: Key, error: unknown) => void,
): (key: Key) => Promise<void> {
  const running = new Map<Key, { isAskedAgain: boolean; readonly done: Promise<void> }>();
  const run = async (key: Key): Promise<void> => {
    do {
      running.get(key)!.isAskedAgain = false;
      await work(key).catch((error: unknown) => onError(key, error));
    } while (running.get(key)!.isAskedAgain);
    running.delete(key);
  };
  return (key) => {
    const current = running.get(key);
    if (current !== undefined) {
      current.isAskedAgain = true;
      return current.done;
    }
    const done = Promise.resolve().then(() => run(key));
    running.set(key, { isAskedAgain: false, done });
    return done;
  };
}

function waitUntil(isMet: () => boolean, waiters: Set<() => void>, waitMs: number): Promise<boolean> {
  if (isMet()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (result: boolean): void => {
      clearTimeout(timer);
      waiters.delete(check);
      resolve(result);
    };
    const check = (): void => {
      if (isMet()) finish(true);
    };
    const timer = setTimeout(() => finish(false), waitMs);
    waiters.add(check);
  });
}
