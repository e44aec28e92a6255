import { createHash } from "node:crypto";
import { activityInfo } from "@temporalio/activity";
import { uuidV7 } from "../domain/identifiers.ts";
import type { EventId } from "../domain/identifiers.ts";

/** One activity of one workflow, the same for each of its attempts. */
export interface Occurrence {
  readonly id: string;
  /** Epoch milliseconds: when it was first scheduled. */
  readonly at: number;
}

/** The activity that runs now. Only within one. */
export function currentOccurrence(): Occurrence {
  const { workflowExecution, activityId, scheduledTimestampMs } = activityInfo();
  return { id: `${workflowExecution?.runId ?? ""}/${activityId}`, at: scheduledTimestampMs };
}

/** The same parts give the same id, so that what is written twice is there once. `at` is the event's own instant. */
export function eventIdOf(at: number, ...parts: readonly (string | number)[]): EventId {
  return uuidV7<EventId>(at, createHash("sha256").update(parts.join("\n")).digest());
}
