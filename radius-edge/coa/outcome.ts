import type { CoaOutcome } from "../../domain/coa.ts";
import { describeErrorCause, ERROR_CAUSE } from "../wire/error-cause.ts";

/** What an answer means. */
export function coaOutcomeOf(
  answer: { readonly kind: "acknowledged" } | { readonly kind: "refused"; readonly errorCause: number | undefined },
): CoaOutcome {
  if (answer.kind === "acknowledged") return answer;
  const { errorCause } = answer;
  if (errorCause === ERROR_CAUSE.sessionContextNotFound) return { kind: "sessionGone" };
  // RFC 5176 §3.5: the NAS has begun what was asked; its own Access-Request will tell the rest.
  if (errorCause === ERROR_CAUSE.requestInitiated) return { kind: "acknowledged" };
  return { kind: "refused", errorCause, text: describeErrorCause(errorCause) };
}

export const STOPPING = "the edge is stopping";

/** Why it was not carried out, though the NAS might take it: whoever asked may ask for the same again. */
export function coaBusy(text: string): CoaOutcome {
  return { kind: "busy", text };
}

/** Why it can never be sent. */
export function coaNotSent(text: string): CoaOutcome {
  return { kind: "notSent", text };
}
