import { ScheduleAlreadyRunning } from "@temporalio/client";
import type { Client } from "@temporalio/client";
import { SECOND_MS } from "../domain/time.ts";
import { COMPLIANCE_QUEUE, CRL_WORKFLOW } from "../workflows/contract.ts";

/** Schedule and workflow id: one for the installation, whose rounds find out by themselves what is due. */
const CRL_REFRESH = "crl-refresh";
const EVERY = "5m";
const ACCEPT_MS = 5 * SECOND_MS;

/** Makes the Schedule of the rounds that fetch CRLs where there is none; one that an operator paused stays as it is. */
export async function ensureCrlSchedule({ connection, schedule }: Client): Promise<void> {
  try {
    await connection.withDeadline(Date.now() + ACCEPT_MS, () =>
      schedule.create({
        scheduleId: CRL_REFRESH,
        spec: { intervals: [{ every: EVERY }] },
        action: {
          type: "startWorkflow",
          workflowType: CRL_WORKFLOW,
          taskQueue: COMPLIANCE_QUEUE,
          workflowId: CRL_REFRESH,
          args: [],
        },
        // A round that takes long is not overtaken; those that Temporal missed are not made up for.
        policies: { overlap: "SKIP", catchupWindow: EVERY },
        state: { triggerImmediately: true },
      }),
    );
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
