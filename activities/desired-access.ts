import { accessDifference } from "../domain/authorization.ts";
import type { Access } from "../domain/authorization.ts";
import { decide } from "../domain/policy.ts";
import type { Policy } from "../domain/policy.ts";
import type { Session } from "../domain/session.ts";
import { DEFAULT_VERDICT_RULES } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import { loadPolicy } from "../store/policies.ts";
import type { Store } from "../store/pool.ts";

/** What the session's access should be now, by the policy in force and the verdict held. */
export interface Wanted {
  readonly desired: Access;
  /** What sets it apart from the access applied; empty when nothing does, or nothing that may act. */
  readonly differences: readonly string[];
}

/** What all sessions of an identity are judged by. */
export interface Standing {
  readonly store: Store;
  readonly policy: Policy;
  readonly verdict: Verdict;
  readonly trustMacAuthentication: boolean;
  readonly now: number;
}

/**
 * Decides again as the edge would. A difference acts only where the verdict is its cause: if the rules under which the
 * session was accepted still give what is applied, then only a rule was edited since, and a rule edit alone sends no CoA
 * (behaviour 4.3, 7.2); nor does a verdict that only grew old (4.2). So no flag is kept that could be lost: a rebuilt
 * workflow may ask at any time.
 */
export async function wantedAccess(standing: Standing, session: Session): Promise<Wanted> {
  const desired = accessUnder(standing.policy, standing, session);
  const differences = isAged(standing) ? [] : accessDifference(desired, session.applied);
  if (differences.length === 0 || session.policyVersion === standing.policy.version) return { desired, differences };
  const former = await loadPolicy(standing.store, session.organizationId, session.policyVersion);
  if (former === undefined) return { desired, differences };
  const byVerdict = accessDifference(accessUnder(former, standing, session), session.applied);
  return { desired, differences: byVerdict.length === 0 ? [] : differences };
}

function isAged({ verdict: { checkedAt }, now }: Standing): boolean {
  return checkedAt !== undefined && now - checkedAt > DEFAULT_VERDICT_RULES.maximumAgeMs;
}

function accessUnder(policy: Policy, { verdict, trustMacAuthentication, now }: Standing, session: Session): Access {
  const snapshot = {
    policy,
    verdictOf: () => verdict,
    trustMacAuthentication,
    maximumVerdictAgeMs: DEFAULT_VERDICT_RULES.maximumAgeMs,
  };
  return decide(session.evidence, snapshot, now).access;
}
