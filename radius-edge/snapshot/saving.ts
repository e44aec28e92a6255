import type { OrganizationId } from "../../domain/identifiers.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Log } from "../../runtime/log.ts";
import type { DiskMetrics } from "./disk-metrics.ts";
import type { DiskSnapshot } from "./disk-snapshot.ts";
import type { Freshness } from "./freshness.ts";
import type { OrganizationView } from "../organization-view.ts";

/** Keeps the disk snapshot up with the one in memory. */
export interface SnapshotSaving {
  changed(id: OrganizationId): void;
  /** Saves what changed, now. */
  save(): Promise<void>;
  /** Saves what changed, and stops. */
  close(): Promise<void>;
}

/** A million verdicts are 44 MB and a tenth of a second, in pieces of a few milliseconds: a price for now and then. */
const EVERY_MS = 30 * SECOND_MS;

export function startSaving(options: {
  readonly disk: DiskSnapshot;
  readonly views: ReadonlyMap<OrganizationId, OrganizationView>;
  readonly freshness: Freshness;
  readonly metrics: DiskMetrics;
  readonly log: Log;
  readonly everyMs?: number;
}): SnapshotSaving {
  const { disk, views, freshness, metrics, log, everyMs = EVERY_MS } = options;
  const changed = new Set<OrganizationId>();
  const known = new Set(views.keys());
  let saving: Promise<void> = Promise.resolve();

  const saveOne = async (id: OrganizationId, syncedAt: number): Promise<void> => {
    const view = views.get(id);
    const isChanged = changed.delete(id);
    if (view === undefined) {
      known.delete(id);
      await disk.remove(id);
    } else if (isChanged || !known.has(id)) {
      await disk.save(view, syncedAt);
      known.add(id);
    } else await disk.confirm(id, syncedAt);
  };
  const saveAll = async (): Promise<void> => {
    const syncedAt = Date.now() - freshness.ageMs();
    for (const id of new Set([...changed, ...known, ...views.keys()])) {
      await saveOne(id, syncedAt).catch((error: unknown) => {
        changed.add(id);
        metrics.failed("write");
        log.warn({ err: error, organization: id }, "the snapshot on the disk was not saved");
      });
    }
  };
  const save = (): Promise<void> => {
    saving = saving.then(saveAll);
    return saving;
  };
  const timer = setInterval(() => void save(), everyMs).unref();
  return {
    changed: (id) => void changed.add(id),
    save,
    async close() {
      clearInterval(timer);
      await save();
    },
  };
}
