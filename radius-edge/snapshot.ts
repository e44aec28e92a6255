import { SECOND_MS } from "../domain/time.ts";
import type { Log } from "../runtime/log.ts";
import { subscribe } from "../store/notifications.ts";
import type { Store } from "../store/pool.ts";
import type { DiskMetrics } from "./snapshot/disk-metrics.ts";
import type { DiskSnapshot } from "./snapshot/disk-snapshot.ts";
import { createFreshness } from "./snapshot/freshness.ts";
import type { Freshness } from "./snapshot/freshness.ts";
import { holdOrganizations } from "./snapshot/held-organizations.ts";
import type { HeldOrganizations } from "./snapshot/held-organizations.ts";
import { createRefresh } from "./snapshot/organization-refresh.ts";
import { nextView } from "./organization-view.ts";
import type { ViewParts } from "./organization-view.ts";
import { startSaving } from "./snapshot/saving.ts";
import { createSync, withinReach } from "./snapshot/sync.ts";

/** Policy, verdicts, settings and NASes in memory: all that an answer needs. */
export interface Snapshot extends Omit<HeldOrganizations, "views" | "put" | "remove"> {
  readonly freshness: Freshness;
  close(): Promise<void>;
}

export interface SnapshotOptions {
  readonly store: Store;
  readonly databaseUrl: string;
  readonly disk: DiskSnapshot;
  readonly metrics: DiskMetrics;
  /** Asks Postgres whether the master key is the right one; throws where it is not. */
  readonly checkKey: () => Promise<void>;
  /** The installation's, for TLS sessions that any of its edges may resume. */
  readonly resumptionSecret: Uint8Array;
  readonly log: Log;
}

/** Notifications are lost while a connection is away, and by whoever forgets to send one: look anyway. */
const RESYNC_EVERY_MS = 30 * SECOND_MS;
/** How long a start from the disk lets Postgres bring it up to date before it answers as it is. */
const CATCH_UP_MS = SECOND_MS;

/**
 * Takes every organization from the disk, catches up from Postgres, then keeps up by LISTEN and by resync. Listening begins
 * before loading, so that nothing falls between. Throws where nothing is on the disk and Postgres does not answer: an edge
 * that knows no NAS could only be silent.
 */
export async function openSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { store, log, disk, metrics } = options;
  const held = holdOrganizations();
  const stored = await disk.load((error) => {
    metrics.failed("read");
    log.error({ err: error }, "the snapshot on the disk is not used");
  });
  const freshness = createFreshness({
    syncedAt: Math.min(Date.now(), ...stored.map(({ syncedAt }) => syncedAt)),
    onJump: (jumpMs) => log.error({ jumpMs }, "the clock has jumped: verdicts no longer age; restart once it is right"),
    onClockBack: () => log.warn("the clock is back: verdicts age again"),
  });
  const parts: ViewParts = { resumptionSecret: options.resumptionSecret, agesUntil: () => freshness.agesUntil() };
  for (const { changes, verdicts } of stored) held.put(nextView(undefined, changes, verdicts, parts));
  const saving = startSaving({ disk, views: held.views, freshness, metrics, log });
  const refresh = createRefresh({
    store,
    held,
    parts,
    log,
    fromDisk: held.views.keys(),
    onChanged: (id) => saving.changed(id),
  });
  const sync = createSync({ ...options, held, freshness, refresh });

  const listening = subscribe(options.databaseUrl, {
    onChange: ({ organization, revision }) => {
      // One reading brings what a burst of news tells of.
      if (revision > (held.views.get(organization)?.revision ?? -1)) sync.one(organization);
    },
    onReconnect: () => sync.later(),
    log,
  });
  const timer = setInterval(() => sync.later(), RESYNC_EVERY_MS).unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await (await listening).close();
    await saving.close();
  };
  try {
    const upToDate = listening.then(() => sync.all());
    if (stored.length === 0) await upToDate;
    else await withinReach(upToDate, CATCH_UP_MS, log);
  } catch (error) {
    await close();
    throw error;
  }
  // An edge that is killed in its first half minute must find something too.
  void saving.save();
  return {
    organization: (id) => held.organization(id),
    findNas: (address, nasIdentifier) => held.findNas(address, nasIdentifier),
    findNasByCertificate: (identity) => held.findNasByCertificate(identity),
    waitFor: (id, revision, waitMs) => held.waitFor(id, revision, waitMs),
    get revisions() {
      return held.revisions;
    },
    freshness,
    close,
  };
}
