import type { ActivityDeps } from "../../activities/deps.ts";
import type { Occurrence } from "../../activities/occurrence.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { NacEvent } from "../../domain/event.ts";
import type { AccountId, LabelId, OrganizationId } from "../../domain/identifiers.ts";
import { identityKey, identityOf } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { DEFAULT_NAS_READY_MS } from "../../domain/nas-profile.ts";
import { secret } from "../../domain/secret.ts";
import type { Session } from "../../domain/session.ts";
import { HOUR_MS, MINUTE_MS } from "../../domain/time.ts";
import { DEFAULT_VERDICT_RULES } from "../../domain/verdict.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { createTokenCache } from "../../mdm/tokens.ts";
import { createHttp } from "../../outbound/http.ts";
import { createLog } from "../../runtime/log.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { searchEvents } from "../../store/events.ts";
import { createLabel, listLabels } from "../../store/labels.ts";
import { linkAccount } from "../../store/linked-accounts.ts";
import { loadPolicy } from "../../store/policies.ts";
import { createRule } from "../../store/rules.ts";
import { findSession } from "../../store/sessions.ts";
import { readVerdict, storeVerdict } from "../../store/verdicts.ts";
import { conditions, evidence, verdict } from "../support/domain-values.ts";
import { authentication, edgeId, newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";
import { startEdge } from "./edge-stand-in.ts";
import type { EdgeStandIn } from "./edge-stand-in.ts";

export const SECRET = "s3cret-of-the-api-client";
export const GROUP = "Compliant (corp)";
export const EDGE_TOKEN = "ed".repeat(32);

/** Where things are stored, and what time it is there. */
export interface Place {
  readonly store: TestStore;
  readonly deps: Pick<ActivityDeps, "now">;
}

/** Everything the activities stand on, real, and a clock that can be moved ahead of the machine's. */
export interface ActivityBench {
  readonly store: TestStore;
  readonly deps: ActivityDeps;
  readonly clock: { aheadMs: number };
  readonly logged: readonly string[];
  close(): Promise<void>;
}

export async function openBench(): Promise<ActivityBench> {
  const store = await openTestStore();
  const clock = { aheadMs: 0 };
  const now = (): number => Date.now() + clock.aheadMs;
  const logged: string[] = [];
  const http = createHttp({ allowedNetworks: ["127.0.0.0/8"], guard: true });
  const edgeHttp = createHttp({ allowedNetworks: [], guard: false });
  const deps: ActivityDeps = {
    store,
    http,
    edgeHttp,
    tokens: createTokenCache(now),
    internalToken: secret(EDGE_TOKEN),
    intervalMs: 2 * HOUR_MS,
    now,
    nasReadyMs: () => DEFAULT_NAS_READY_MS,
    random: () => 0.5,
    log: createLog("test", "trace", { write: (line) => void logged.push(line) }),
  };
  const close = async (): Promise<void> => {
    await Promise.all([http.close(), edgeHttp.close()]);
    await store.close();
  };
  return { store, deps, clock, logged, close };
}

/** A tenant of its own with one client, in quarantine since a minute, and the edge that let it in. */
export async function clientInQuarantine(bench: ActivityBench): Promise<{
  readonly edge: EdgeStandIn;
  readonly organizationId: OrganizationId;
  readonly identity: IdentityKey;
}> {
  bench.clock.aheadMs = 0;
  const edge = await startEdge(bench.store, edgeId, EDGE_TOKEN);
  const organizationId = await newTenant(bench.store);
  const { identity } = await authenticate(bench, organizationId, { at: Date.now() - MINUTE_MS });
  return { edge, organizationId, identity };
}

/** Compliant devices go to VLAN 20, all others to the quarantine VLAN 666. */
export async function newTenant(store: TestStore): Promise<OrganizationId> {
  const organizationId = await newOrganization(store);
  const compliant = (await listLabels(store, organizationId)).find(({ label }) => label.name === "Compliant")!.label.id;
  const corp = await vlanLabel(store, organizationId, "20");
  const quarantine = await vlanLabel(store, organizationId, "666");
  const common = { enabled: true, action: "allow", notMatching: conditions() } as const;
  const matching = { labels: [compliant], fields: {} };
  await createRule(store, organizationId, { ...common, name: "Corp", order: 0, matching, applyLabels: [corp] });
  const everyone = conditions();
  await createRule(store, organizationId, {
    ...common,
    name: "Quarantine",
    order: 1,
    matching: everyone,
    applyLabels: [quarantine],
  });
  return organizationId;
}

export async function vlanLabel(store: TestStore, organizationId: OrganizationId, vlan: string): Promise<LabelId> {
  const draft = { type: "vlan", name: `VLAN ${vlan}`, values: [vlan] } as const;
  const saved = await createLabel(store, organizationId, draft);
  if (saved.kind !== "ok") throw new Error(saved.kind);
  return saved.label.id;
}

/** Links a simulated tenant: `kind` is its vendor. */
export async function link(
  store: TestStore,
  organizationId: OrganizationId,
  kind: "vmware" | "jamf",
  server: { readonly url: string; readonly tokenUrl: string },
  clientSecret = SECRET,
): Promise<AccountId> {
  const { account } = await linkAccount(store, organizationId, {
    kind,
    name: kind,
    instanceUrl: server.url,
    clientId: "portcullis",
    clientSecret: secret(clientSecret),
    tokenUrl: server.tokenUrl,
    ...(kind === "jamf" ? { smartGroupName: GROUP } : {}),
    linkedBy: "a test",
  });
  return account.accountId;
}

/** A client authenticates: decided by the policy and verdict in Postgres, recorded as an edge records it. */
export async function authenticate(
  { store, deps }: Place,
  organizationId: OrganizationId,
  change: { readonly at?: number; readonly evidence?: Partial<Evidence> } = {},
): Promise<{ readonly identity: IdentityKey; readonly session: Session | undefined }> {
  const identity = identityKey(identityOf(evidence({ organizationId, ...change.evidence }))!);
  const known = await readVerdict(store, organizationId, identity);
  const record = authentication(organizationId, {
    ...change,
    at: change.at ?? deps.now(),
    policy: {
      policy: (await loadPolicy(store, organizationId))!,
      verdictOf: () => known,
      trustMacAuthentication: false,
      maximumVerdictAgeMs: DEFAULT_VERDICT_RULES.maximumAgeMs,
    },
  });
  await recordBatch(store, [record]);
  const id = record.session?.id;
  return { identity, session: id && (await findSession(store, organizationId, id)) };
}

/** A verdict as a look-up would have left it; answers with its revision. */
export function hold(
  { store, deps }: Place,
  organizationId: OrganizationId,
  identity: IdentityKey,
  change: Partial<Verdict>,
): Promise<number> {
  const now = deps.now();
  const held = verdict({ checkedAt: now, changedAt: now, dueAt: now + 2 * HOUR_MS, ...change });
  return storeVerdict(store, organizationId, identity, { verdict: held, changed: true });
}

export function occurrence(at = Date.now()): Occurrence {
  return { id: newId(), at };
}

/** Oldest first, but for the authentications themselves. */
export async function timeline({ store, deps }: Place, organizationId: OrganizationId): Promise<readonly NacEvent[]> {
  const { events } = await searchEvents(store, organizationId, { start: 0, end: deps.now() + HOUR_MS, limit: 100 });
  return events.filter(({ type }) => !["NAC_CLIENT_PERMIT", "NAC_CLIENT_DENY"].includes(type)).toReversed();
}
