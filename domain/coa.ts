import { MINUTE_MS } from "./time.ts";

/** What an organization or a person asks for; Mist's `coa_type`. */
export type CoaType = "reauth" | "disconnect";

/** One rung of the ladder that enforcement climbs. */
export type CoaStep = "reauthenticate" | "disconnect";

/** How one CoA or Disconnect ended, as the NAS told it or did not. */
export type CoaOutcome =
  | { readonly kind: "acknowledged" }
  /** Error-Cause 503: the NAS has no such session. */
  | { readonly kind: "sessionGone" }
  /** `advice`: what to look at on a NAS of this kind. */
  | {
      readonly kind: "refused";
      readonly errorCause: number | undefined;
      readonly text: string;
      readonly advice?: string;
    }
  | { readonly kind: "noAnswer"; readonly attempts: number; readonly advice?: string }
  /** CoA cannot reach the client; `text` says why. Its session times out instead (behaviour 5.8). */
  | { readonly kind: "atReauthentication"; readonly text: string }
  /** The NAS takes CoA along a connection that it opens itself, and whoever was asked has none now; it may open one again. */
  | { readonly kind: "noPath"; readonly text: string }
  /** The edge has too much under way to this NAS, or stops; `text` says which. It tells nothing of the NAS: the same may be asked again. */
  | { readonly kind: "busy"; readonly text: string }
  /** The step is not in the NAS's profile, or the NAS is unknown: `text` says which. */
  | { readonly kind: "notSent"; readonly text: string };

/** The steps for a CoA type, gentlest first: what to try, and what to go on to. */
export const COA_LADDER: Readonly<Record<CoaType, readonly CoaStep[]>> = {
  reauth: ["reauthenticate", "disconnect"],
  disconnect: ["disconnect"],
};

/** A NAS that took no step is left alone for so long at least, also where its link comes and goes (behaviour 5.6). */
export const SHORTEST_PAUSE_MS = 5 * MINUTE_MS;

/** Error-Cause, RFC 5176 §3.5: the NAS cannot do it now, for want of memory or the like. */
const RESOURCES_UNAVAILABLE = 506;

/** Whether the NAS refused what it may do a moment later. */
export function isPassingRefusal(outcome: CoaOutcome | undefined): boolean {
  return outcome?.kind === "refused" && outcome.errorCause === RESOURCES_UNAVAILABLE;
}

/** A phrase for events and for the Temporal UI. */
export function describeOutcome(outcome: CoaOutcome): string {
  switch (outcome.kind) {
    case "acknowledged":
      return "acknowledged by the NAS";
    case "sessionGone":
      return "the NAS no longer has the session";
    case "refused":
      return `refused by the NAS: ${withAdvice(outcome.text, outcome.advice)}`;
    case "noAnswer":
      return withAdvice(`no answer from the NAS after ${outcome.attempts} attempts`, outcome.advice);
    case "atReauthentication":
      return `waits for re-authentication: ${outcome.text}`;
    case "busy":
      return `not carried out: ${outcome.text}`;
    case "noPath":
    case "notSent":
      return `not sent: ${outcome.text}`;
  }
}

function withAdvice(text: string, advice: string | undefined): string {
  return advice === undefined ? text : `${text} (${advice})`;
}
