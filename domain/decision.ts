import type { Access } from "./authorization.ts";
import type { RuleOutcome } from "./conditions.ts";
import type { RuleId } from "./identifiers.ts";
import type { IdentityKey } from "./identity.ts";
import type { Rule } from "./rule.ts";
import type { EffectiveStatus } from "./verdict.ts";

export type DecisionReason = "allowedByRule" | "blockedByRule" | "noRuleMatched";

/** What policy made of a request, and what it rested on: enough to run it again. */
export interface Decision {
  readonly access: Access;
  readonly reason: DecisionReason;
  readonly rule: { readonly id: RuleId; readonly name: string } | undefined;
  readonly policyVersion: number;
  /** 0 where no verdict was stored. */
  readonly verdictRevision: number;
  readonly identity: IdentityKey | undefined;
  readonly compliance: EffectiveStatus;
  /** True where an authentication that succeeded should wish for a look-up. */
  readonly lookUpWanted: boolean;
}

/**
 * Whether two decisions are alike in all that they say. Access and rule are one object for all decisions of one policy, and
 * those of another policy never pass for alike.
 */
export function isSameDecision(a: Decision, b: Decision): boolean {
  return (
    a.access === b.access &&
    a.rule === b.rule &&
    a.reason === b.reason &&
    a.policyVersion === b.policyVersion &&
    a.verdictRevision === b.verdictRevision &&
    a.identity === b.identity &&
    a.compliance.status === b.compliance.status &&
    a.compliance.reason === b.compliance.reason &&
    a.lookUpWanted === b.lookUpWanted
  );
}

/** A decision, and why each earlier rule did not match. */
export interface Explanation {
  readonly decision: Decision;
  readonly passed: readonly { readonly rule: Rule; readonly outcome: RuleOutcome }[];
}

export const DECISION_SENTENCES: Readonly<Record<DecisionReason, string>> = {
  allowedByRule: "The first rule that matches allows the client.",
  blockedByRule: "The first rule that matches blocks the client.",
  noRuleMatched: "No enabled rule matches: access is refused.",
};
