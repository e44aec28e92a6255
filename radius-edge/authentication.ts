import type { Decision } from "../domain/decision.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { EapFailureReason } from "./eap/failure.ts";
import type { EapTlsContextFault } from "./eap/tls-context.ts";

/**
 * Why a client was refused before policy was asked: by EAP, because its organization has no EAP, or as one that asks for
 * neither EAP nor MAC authentication. A closed set, since each is a label of a metric.
 */
export type FailureReason = EapFailureReason | EapTlsContextFault | "notSupported";

/** `policy`: the rules refused it, and which of them is told beside. */
export type RejectReason = FailureReason | "policy";

/** An authentication that has come to its end, for metrics and log. */
export type Authentication =
  | { readonly evidence: Evidence; readonly decision: Decision }
  | { readonly evidence: Evidence; readonly decision: undefined; readonly reason: FailureReason };

/** `undefined`: it was accepted. */
export function rejectReasonOf(authentication: Authentication): RejectReason | undefined {
  if (authentication.decision === undefined) return authentication.reason;
  return authentication.decision.access.kind === "reject" ? "policy" : undefined;
}
