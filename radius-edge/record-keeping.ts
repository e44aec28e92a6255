import { join } from "node:path";
import type { EdgeId } from "../domain/identifiers.ts";
import type { Config } from "../runtime/config.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { recordBatch } from "../store/edge-records.ts";
import type { Store } from "../store/pool.ts";
import { openJournal } from "./journal.ts";
import type { JournalFault } from "./journal.ts";
import { createRecorder } from "./recorder.ts";
import type { Gap, Recorder } from "./recorder.ts";
import { createRecorderMetrics } from "./recorder-metrics.ts";

/** The recorder of a running edge: its journal in the state folder, its news in log and metrics. */
export async function keepRecord(
  store: Store,
  edgeId: EdgeId,
  config: Pick<Config, "stateFolder" | "journal">,
  { log, metrics: registry }: { readonly log: Log; readonly metrics: Metrics },
): Promise<Recorder> {
  const { maxBytes, isStrict } = config.journal;
  const metrics = createRecorderMetrics(registry);
  const journal = await openJournal({
    folder: join(config.stateFolder, "journal", edgeId),
    maxBytes,
    onFault: (fault) => {
      metrics.fault(fault.kind);
      log.error(fault, FAULTS[fault.kind]);
    },
  });
  if (journal.length > 0) log.warn({ records: journal.length }, "the journal of an earlier run is being delivered");
  const recorder = createRecorder({
    write: (records) => recordBatch(store, records),
    journal,
    isStrict,
    onFailure: (error) => log.error({ err: error }, "Postgres took no events: they go to the journal"),
    onDelivered: (records) => log.info({ records }, "events of the journal were delivered"),
    onGap: (gap) => tellGap(log, gap, isStrict),
  });
  metrics.watch({ unrecorded: () => recorder.unrecorded, bytes: () => journal.bytes });
  return recorder;
}

const FAULTS: Readonly<Record<JournalFault["kind"], string>> = {
  torn: "the end of the journal was cut short by a crash, before its answer left",
  damaged: "a stretch of the journal is damaged: put aside in its file quarantine, if it is not full",
  refused: "Postgres refuses a record of the journal: put aside in its file refused.jsonl, if it is not full",
};

function tellGap(log: Log, gap: Gap, isStrict: boolean): void {
  if (gap.kind === "ends") return log.warn({ records: gap.records }, "events are recorded again, after a gap");
  const consequence = isStrict ? "no answer leaves" : "answers go on unrecorded";
  log.error({ err: gap.error }, `neither Postgres nor the journal takes events: ${consequence}`);
}
