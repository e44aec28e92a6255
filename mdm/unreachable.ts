import type { ComplianceReport, UnreachableCause } from "../domain/report.ts";
import { DAY_MS, SECOND_MS } from "../domain/time.ts";
import type { HttpFailure } from "../outbound/failure.ts";

/** The report of an MDM that could not be asked. */
export type Unreachable = Extract<ComplianceReport, { kind: "unreachable" }>;

export function unreachable(cause: UnreachableCause, detail: string, retryAfterMs?: number): Unreachable {
  return { kind: "unreachable", cause, detail, retryAfterMs };
}

export function unreachableBy(failure: HttpFailure): Unreachable {
  switch (failure.cause) {
    case "network":
    case "deadline":
    case "tls":
      return unreachable("network", failure.detail);
    case "blockedAddress":
      return unreachable(
        "blockedAddress",
        `${failure.detail}: instances on private addresses or plain http need PORTCULLIS_MDM_ALLOWED_NETWORKS`,
      );
    case "tooLarge":
      return unreachable("unreadable", failure.detail);
  }
}

/** Bounds of a wait that a vendor asks for: Workspace ONE's quota comes back within a day. */
const SHORTEST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = DAY_MS;

/**
 * How long to leave the vendor alone: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else `x-ratelimit-reset`,
 * which both vendors write in epoch seconds. `undefined` when the answer says nothing.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const { "retry-after": after = "", "x-ratelimit-reset": reset = "" } = headers;
  const seconds = /^\d+$/.test(after) ? Number(after) * SECOND_MS : Date.parse(after) - now;
  const untilReset = /^\d+$/.test(reset) ? Number(reset) * SECOND_MS - now : Number.NaN;
  const wait = Number.isNaN(seconds) ? untilReset : seconds;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}
