import type { RetryPolicy } from "@temporalio/common";
import { proxyActivities } from "@temporalio/workflow";
import type { ComplianceActivities } from "./contract.ts";

/**
 * The ports of contract.ts, as activities. What they retry is our own ground: Postgres away, a worker killed. An MDM or
 * a NAS that does not answer is a result and never gets here. `scheduleToCloseTimeout` ends the retries: the loop then
 * keeps what it knows and comes back later.
 */
const OURS_RETRIED: RetryPolicy = { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "30s" };

/**
 * An attempt says every three seconds that it lives (activities/alive.ts): one whose worker was killed is made again after
 * these, not after all the time that it might have taken.
 */
const DEAD_AFTER = "15s";

/** Longer than the slowest MDM: token, two realms, a retry after 401, each with its deadline. */
export const { lookUpCompliance } = proxyActivities<Pick<ComplianceActivities, "lookUpCompliance">>({
  startToCloseTimeout: "90s",
  heartbeatTimeout: DEAD_AFTER,
  scheduleToCloseTimeout: "10m",
  retry: OURS_RETRIED,
});

/** Longer than two CoA steps, each with the edge's own retransmissions (behaviour 5.6: 15 s to the ACK). */
export const { enforce } = proxyActivities<Pick<ComplianceActivities, "enforce">>({
  startToCloseTimeout: "60s",
  heartbeatTimeout: DEAD_AFTER,
  scheduleToCloseTimeout: "10m",
  retry: OURS_RETRIED,
});

/** It asks a NAS that cannot take it yet again itself, for a minute (activities/send-coa.ts); the last answer takes half of one. */
export const { sendCoa } = proxyActivities<Pick<ComplianceActivities, "sendCoa">>({
  startToCloseTimeout: "2m",
  heartbeatTimeout: DEAD_AFTER,
  scheduleToCloseTimeout: "10m",
  retry: OURS_RETRIED,
});

export const { findDueCrls } = proxyActivities<Pick<ComplianceActivities, "findDueCrls">>({
  startToCloseTimeout: "5m",
  heartbeatTimeout: DEAD_AFTER,
  scheduleToCloseTimeout: "15m",
  retry: OURS_RETRIED,
});

/**
 * It begins no further fetch after four minutes (activities/refresh-crls.ts). Each organization has its own few attempts,
 * over in seconds when they fail: others wait for its place, and the next round comes in minutes.
 */
export const { refreshCrls } = proxyActivities<Pick<ComplianceActivities, "refreshCrls">>({
  startToCloseTimeout: "5m",
  heartbeatTimeout: DEAD_AFTER,
  scheduleToCloseTimeout: "15m",
  retry: { ...OURS_RETRIED, maximumAttempts: 4 },
});
