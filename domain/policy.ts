import type { Access, Authorization } from "./authorization.ts";
import { evaluateRule, prepareRule } from "./conditions.ts";
import type { PreparedRule } from "./conditions.ts";
import type { Decision, DecisionReason, Explanation } from "./decision.ts";
import type { Evidence } from "./evidence.ts";
import type { LabelId, OrganizationId } from "./identifiers.ts";
import { identityKey, identityOf } from "./identity.ts";
import type { IdentityKey } from "./identity.ts";
import type { Label } from "./label.ts";
import { byOrder } from "./rule.ts";
import type { Rule } from "./rule.ts";
import { COMPLIANCE_STATUSES, effectiveStatus, wantsLookUp } from "./verdict.ts";
import type { ComplianceStatus, DecisiveVerdict } from "./verdict.ts";

/** One immutable version of an organization's rules and labels. */
export interface Policy {
  readonly organizationId: OrganizationId;
  /** 0 before the first rule or label. */
  readonly version: number;
  /** Sorted by `byOrder`. */
  readonly rules: readonly Rule[];
  readonly labels: ReadonlyMap<LabelId, Label>;
}

/** What a decision stands on besides the evidence. */
export interface PolicySnapshot {
  readonly policy: Policy;
  readonly verdictOf: (identity: IdentityKey) => DecisiveVerdict | undefined;
  readonly trustMacAuthentication: boolean;
  /** Age beyond which a verdict counts as unknown. */
  readonly maximumVerdictAgeMs: number;
  /** Epoch milliseconds beyond which no verdict ages, for one who cannot hear of newer ones; without it each ages on. */
  readonly verdictsAgeUntil?: number;
}

/** Makes a policy of rules and labels in any order. */
export function createPolicy(
  organizationId: OrganizationId,
  version: number,
  rules: readonly Rule[],
  labels: readonly Label[],
): Policy {
  return {
    organizationId,
    version,
    rules: rules.toSorted(byOrder),
    labels: new Map(labels.map((label) => [label.id, label])),
  };
}

/**
 * What policy makes of a request: the first enabled rule that matches; none means reject (behaviour 7.1). Total and
 * deterministic: the same evidence, snapshot and instant give the same decision, years later too.
 */
export function decide(evidence: Evidence, snapshot: PolicySnapshot, now: number): Decision {
  const { policy } = snapshot;
  const identity = identityOf(evidence);
  const key = identity && identityKey(identity);
  const verdict = key && snapshot.verdictOf(key);
  const compliance = effectiveStatus(
    evidence,
    identity,
    verdict,
    { trustMacAuthentication: snapshot.trustMacAuthentication, maximumAgeMs: snapshot.maximumVerdictAgeMs },
    Math.min(now, snapshot.verdictsAgeUntil ?? now),
  );
  const chosen = firstMatch(policy, evidence, compliance.status);
  return {
    access: chosen?.access ?? REJECT,
    reason: chosen?.reason ?? "noRuleMatched",
    rule: chosen?.named,
    policyVersion: policy.version,
    verdictRevision: verdict?.revision ?? 0,
    identity: key,
    compliance,
    lookUpWanted: wantsLookUp(evidence, identity, verdict, now),
  };
}

/** The decision, and for each rule before the winner why it did not match: the same matcher, told in words. */
export function explain(evidence: Evidence, snapshot: PolicySnapshot, now: number): Explanation {
  const decision = decide(evidence, snapshot, now);
  const outcomes = readyRules(snapshot.policy).map(({ prepared }) => ({
    rule: prepared.rule,
    outcome: evaluateRule(prepared, evidence, decision.compliance.status),
  }));
  const winner = outcomes.findIndex(({ outcome }) => outcome.kind === "match");
  return { decision, passed: winner < 0 ? outcomes : outcomes.slice(0, winner) };
}

/** Whether another verdict of this client would choose another rule. */
export function dependsOnVerdict(evidence: Evidence, { policy, trustMacAuthentication }: PolicySnapshot): boolean {
  if (evidence.authentication === "mab" && !trustMacAuthentication) return false;
  const chosen = COMPLIANCE_STATUSES.map((status) => firstMatch(policy, evidence, status));
  return chosen.some((rule) => rule !== chosen[0]);
}

function firstMatch(policy: Policy, evidence: Evidence, status: ComplianceStatus): ReadyRule | undefined {
  return readyRules(policy).find(({ prepared }) => evaluateRule(prepared, evidence, status).kind === "match");
}

const REJECT: Access = { kind: "reject" };

/** A rule, and what it gives when it matches: one object for all requests, so that others may know it again. */
interface ReadyRule {
  readonly prepared: PreparedRule;
  readonly access: Access;
  readonly reason: DecisionReason;
  readonly named: Decision["rule"];
}

const made = new WeakMap<Policy, readonly ReadyRule[]>();

/** The rules of a policy, worked out when the first request asks: a policy never changes. */
function readyRules(policy: Policy): readonly ReadyRule[] {
  let ready = made.get(policy);
  if (ready === undefined) {
    ready = policy.rules.map((rule) => readyRule(rule, policy.labels));
    made.set(policy, ready);
  }
  return ready;
}

function readyRule(rule: Rule, labels: ReadonlyMap<LabelId, Label>): ReadyRule {
  const prepared = prepareRule(rule, labels);
  const named = { id: rule.id, name: rule.name };
  if (rule.action === "block") return { prepared, access: REJECT, reason: "blockedByRule", named };
  const access = { kind: "accept", authorization: authorizationOf(rule, labels) } as const;
  return { prepared, access, reason: "allowedByRule", named };
}

/** The result labels of a rule, folded into one authorization; a later label of one kind wins over an earlier one. */
function authorizationOf(rule: Rule, labels: ReadonlyMap<LabelId, Label>): Authorization {
  let authorization: Authorization = {};
  for (const id of rule.applyLabels) {
    const label = labels.get(id);
    if (label !== undefined && label.type !== "match")
      authorization = { ...authorization, ...resultOf(label.type, label.values) };
  }
  return authorization;
}

function resultOf(kind: Exclude<Label["type"], "match">, values: readonly string[]): Authorization {
  const [first] = values;
  if (first === undefined) return {};
  switch (kind) {
    case "vlan":
      return { vlan: first };
    case "radius_group":
      return { role: first };
    case "session_timeout":
      return { sessionTimeoutSeconds: Number(first) };
    case "egress_vlan_names":
      return { egressVlanNames: values };
    case "radius_attrs":
      return { radiusAttributes: values };
    case "radius_vendor_attrs":
      return { vendorAttributes: values };
    // EFFECTLESS_KINDS
    case "gbp_tag":
    case "username_attr":
    case "redirect_nacportal_id":
      return {};
  }
}
