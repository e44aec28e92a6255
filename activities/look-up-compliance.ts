import type { NacEvent } from "../domain/event.ts";
import { parseIdentityKey } from "../domain/identity.ts";
import { isIdentifyingMac } from "../domain/mac-address.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import { VENDOR_NAMES } from "../domain/linked-account.ts";
import { SECOND_MS } from "../domain/time.ts";
import { DEFAULT_VERDICT_RULES, neverLookedUp, nextVerdict } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { DeviceQuery } from "../mdm/provider.ts";
import { macsOfIdentity } from "../store/clients.ts";
import { insertEvents } from "../store/events.ts";
import { isInUse } from "../store/identities-in-use.ts";
import { loadAccounts } from "../store/linked-accounts.ts";
import { readVerdict, storeVerdict } from "../store/verdicts.ts";
import type { LookUpCause, LookUpInput, LookUpResult } from "../workflows/contract.ts";
import { askAccounts } from "./ask-accounts.ts";
import type { CombinedAnswer } from "./ask-accounts.ts";
import type { ActivityDeps } from "./deps.ts";
import { lookUpEventType, lookUpText } from "./look-up-text.ts";
import { mdmFields } from "./mdm-fields.ts";
import { eventIdOf } from "./occurrence.ts";
import type { Occurrence } from "./occurrence.ts";

/** A dock or a bag of adapters: the latest few of a device's addresses are worth a question, not all it ever had. */
const MACS_ASKED = 4;
const MACS_KNOWN = 32;
/** A timer may fire a moment before the instant that Postgres holds. */
const DUE_WITHIN_MS = SECOND_MS;

/**
 * Asks the linked MDMs about an identity and stores what follows, unless what is stored answers the cause. A second
 * attempt finds the first one's verdict, or writes the same events.
 */
export async function lookUpCompliance(
  deps: ActivityDeps,
  input: LookUpInput,
  occurrence: Occurrence,
): Promise<LookUpResult> {
  const { store } = deps;
  const { organizationId, identity } = input;
  const current = await readVerdict(store, organizationId, identity);
  if (current !== undefined && answersAlready(current, input.cause, occurrence, deps.now())) {
    const text = `The answer of ${new Date(current.checkedAt ?? occurrence.at).toISOString()} stands: ${current.status}.`;
    return resultOf(deps, input, current, [], text);
  }
  const macs = (await macsOfIdentity(store, organizationId, identity)).slice(0, MACS_KNOWN);
  const accounts = await loadAccounts(store, organizationId);
  const answer = await askAccounts(deps, accounts, queryOf(input, macs));
  const { verdict, changed } = judge(deps, current, answer);
  const text = lookUpText(answer, verdict);
  // Before the verdict: a stored verdict answers a second attempt, which then writes no event.
  if (accounts.length > 0) {
    const before = current?.status ?? "unknown";
    await insertEvents(store, lookUpEvents(input, occurrence, macs, { answer, verdict, before, text }));
  }
  const revision = await storeVerdict(store, organizationId, identity, { verdict, changed });
  deps.log.info({ organizationId, identity, status: verdict.status, changed, tookMs: answer.tookMs }, text);
  return resultOf(deps, input, { ...verdict, revision }, macs, text);
}

/** Whether the stored verdict will do for this cause, or was found by an earlier attempt of this very activity. */
function answersAlready(verdict: Verdict, cause: LookUpCause, occurrence: Occurrence, now: number): boolean {
  const { checkedAt, dueAt, matchedBy, matchedMac } = verdict;
  const due = now >= dueAt - DUE_WITHIN_MS;
  switch (cause.kind) {
    case "due":
      return !due;
    case "wished": {
      const serves = matchedBy !== "mac" || cause.mac === undefined || matchedMac === cause.mac;
      const since = checkedAt !== undefined && cause.at !== undefined && checkedAt >= cause.at;
      return !due && (serves || since);
    }
    case "asked":
      return checkedAt !== undefined && checkedAt >= occurrence.at;
  }
}

function queryOf({ identity }: LookUpInput, known: readonly MacAddress[]): DeviceQuery {
  const parsed = parseIdentityKey(identity);
  const own = parsed?.kind === "mac" ? [parsed.mac] : known;
  const macs = own.filter(isIdentifyingMac).slice(0, MACS_ASKED);
  return parsed?.kind === "device" ? { deviceId: parsed.deviceId, macs } : { macs };
}

/** The domain's next verdict, its due time spread by a tenth so that a fleet does not stay in step. */
function judge(deps: ActivityDeps, current: Verdict | undefined, answer: CombinedAnswer) {
  const now = deps.now();
  const rules = { ...DEFAULT_VERDICT_RULES, intervalMs: deps.intervalMs };
  const { verdict, changed } = nextVerdict(current ?? neverLookedUp(), answer, answer.matchedMac, rules, now);
  // Never before the time that an MDM named (Retry-After).
  const factor = (answer.report.kind === "unreachable" ? 1 : 0.9) + 0.2 * deps.random();
  return { verdict: { ...verdict, dueAt: now + Math.round((verdict.dueAt - now) * factor) }, changed };
}

/** One for each client of the identity: its timeline is by MAC address. */
function lookUpEvents(
  { organizationId, identity }: LookUpInput,
  occurrence: Occurrence,
  macs: readonly MacAddress[],
  told: { answer: CombinedAnswer; verdict: Verdict; before: Verdict["status"]; text: string },
): readonly NacEvent[] {
  const { answer, verdict, before, text } = told;
  const type = lookUpEventType(answer);
  const body = {
    ...mdmFields(verdict, before),
    mdm_provider: answer.accountKind,
    mdm_account_id: answer.accountId,
    lookup_time_taken: answer.tookMs / 1000,
    text,
  };
  const clients = macs.length === 0 ? [undefined] : macs;
  return clients.map((mac) => ({
    id: eventIdOf(occurrence.at, occurrence.id, mac ?? ""),
    at: occurrence.at,
    organizationId,
    type,
    mac,
    identity,
    text,
    body,
  }));
}

async function resultOf(
  { store, now }: ActivityDeps,
  { organizationId, identity, knownChangedAt }: LookUpInput,
  verdict: Verdict,
  knownMacs: readonly MacAddress[],
  text: string,
): Promise<LookUpResult> {
  const { status, reason, revision, changedAt, source, dueAt } = verdict;
  return {
    status,
    reason,
    revision,
    changed: changedAt !== knownChangedAt,
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(source === undefined ? {} : { provider: VENDOR_NAMES[source.kind] }),
    knownMacs,
    text,
    nextCheckMs: Math.max(0, dueAt - now()),
    inUse: await isInUse(store, organizationId, identity),
  };
}
