import { lookUpCompliance } from "../../activities/look-up-compliance.ts";
import type { AccountId, OrganizationId } from "../../domain/identifiers.ts";
import { identityKey } from "../../domain/identity.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import { HOUR_MS, MINUTE_MS } from "../../domain/time.ts";
import { startJamf } from "../../simulators/jamf/simulator.ts";
import type { JamfSimulator } from "../../simulators/jamf/simulator.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { listAccounts, updateAccount } from "../../store/linked-accounts.ts";
import { findOrganization } from "../../store/organizations.ts";
import { completeWish, takeWishes } from "../../store/outbox.ts";
import { readVerdict } from "../../store/verdicts.ts";
import type { LookUpCause } from "../../workflows/contract.ts";
import { certificate, DEVICE_ID, MAC, OTHER_MAC } from "../support/domain-values.ts";
import { underLostKey } from "../support/lost-key.ts";
import { authenticate, GROUP, hold, link, newTenant, occurrence, openBench, SECRET, timeline } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";

let bench: ActivityBench;
let uem: WorkspaceOneSimulator;
let jamf: JamfSimulator;
let organizationId: OrganizationId;
let accountId: AccountId;

beforeAll(async () => {
  const credentials = { clientId: "portcullis", clientSecret: SECRET };
  [bench, uem, jamf] = await Promise.all([
    openBench(),
    startWorkspaceOne(credentials),
    startJamf({ ...credentials, smartGroupName: GROUP }),
  ]);
});
afterAll(async () => {
  await Promise.all([uem.stop(), jamf.stop()]);
  await bench.close();
});

beforeEach(async () => {
  bench.clock.aheadMs = 0;
  organizationId = await newTenant(bench.store);
  accountId = await link(bench.store, organizationId, "vmware", uem);
  uem.tenant.devices.add({ kind: "mac", udid: DEVICE_ID, macAddress: MAC, name: "mac-01", compliance: "compliant" });
});
afterEach(() => {
  for (const { tenant } of [uem, jamf]) {
    tenant.faults.clear();
    for (const { uuid } of tenant.devices.all) tenant.devices.remove(uuid);
  }
});

const asked: LookUpCause = { kind: "asked" };
type Identity = Awaited<ReturnType<typeof authenticate>>["identity"];
const lookUp = (identity: Identity, cause: LookUpCause = { kind: "due" }, at = occurrence(), knownChangedAt?: number) =>
  lookUpCompliance(
    bench.deps,
    { organizationId, identity, cause, ...(knownChangedAt === undefined ? {} : { knownChangedAt }) },
    at,
  );
const unknownDevice = certificate({ sanDns: ["11111111-66af-4b92-b31e-1da394df1e88"] });

test("a device that was never looked up is found by its certificate's id, stored and told", async () => {
  const { identity } = await authenticate(bench, organizationId);
  const result = await lookUp(identity);
  expect(result).toMatchObject({
    status: "compliant",
    reason: "reported",
    provider: "Workspace ONE UEM",
    changed: true,
  });
  expect(result).toMatchObject({ knownMacs: [MAC], inUse: true, text: "Workspace ONE UEM reports mac-01 compliant." });
  expect(result.nextCheckMs / HOUR_MS).toBeCloseTo(2, 1);
  const stored = await readVerdict(bench.store, organizationId, identity);
  expect(stored).toMatchObject({ status: "compliant", matchedBy: "deviceId", revision: result.revision });
});

test("behaviour 11.1: the look-up is on the timeline of each client of the identity, with Mist's fields", async () => {
  const { identity } = await authenticate(bench, organizationId);
  await authenticate(bench, organizationId, { evidence: { mac: OTHER_MAC, portType: "wired" } });
  uem.tenant.devices.change(DEVICE_ID, { compliance: "noncompliant" });
  await lookUp(identity);
  const events = await timeline(bench, organizationId);
  expect(new Set(events.map(({ mac }) => mac))).toEqual(new Set([MAC, OTHER_MAC]));
  expect(events).toHaveLength(2);
  for (const event of events) {
    expect(event).toMatchObject({ type: "NAC_MDM_LOOKUP_SUCCESS", identity });
    expect(event.body).toMatchObject({
      mdm_compliance: "noncompliant",
      pre_mdm_compliance: "unknown",
      mdm_provider: "vmware",
      mdm_account_id: accountId,
      lookup_time_taken: expect.any(Number) as number,
      text: event.text,
    });
  }
  const [account] = await listAccounts(bench.store, organizationId);
  expect(account!.health).toMatchObject({ lastStatus: "success", error: undefined });
});

test("behaviour 2.1: what is stored answers until it is due, without a call to the MDM", async () => {
  const { identity } = await authenticate(bench, organizationId);
  const first = await lookUp(identity);
  const calls = uem.calls.length;
  const again = await lookUp(identity, { kind: "due" }, occurrence(), first.changedAt);
  expect(again).toMatchObject({ status: "compliant", changed: false, revision: first.revision, knownMacs: [] });
  await lookUp(identity, { kind: "wished", mac: MAC, at: bench.deps.now() });
  expect(uem.calls).toHaveLength(calls);
  bench.clock.aheadMs = 2.3 * HOUR_MS;
  await expect(lookUp(identity)).resolves.toMatchObject({ knownMacs: [MAC], changed: true });
  expect(uem.calls.length).toBeGreaterThan(calls);
});

test("behaviour 1.1: a verdict found by MAC answers only wishes from that MAC", async () => {
  const { identity } = await authenticate(bench, organizationId);
  await hold(bench, organizationId, identity, { matchedBy: "mac", matchedMac: OTHER_MAC });
  const calls = uem.calls.length;
  await lookUp(identity, { kind: "wished", mac: OTHER_MAC, at: bench.deps.now() + 1 });
  expect(uem.calls).toHaveLength(calls);
  await lookUp(identity, { kind: "wished", mac: MAC, at: bench.deps.now() + 1 });
  expect(uem.calls.length).toBeGreaterThan(calls);
});

test("behaviour 1.3: neither a randomized MAC nor a host name is ever sent to an MDM", async () => {
  const randomized = parseMac("da:83:e7:11:22:33")!;
  const { identity } = await authenticate(bench, organizationId, {
    evidence: { mac: randomized, certificate: unknownDevice },
  });
  const calls = uem.calls.length;
  await expect(lookUp(identity)).resolves.toMatchObject({ status: "unknown", reason: "notEnrolled" });
  const sent = JSON.stringify(uem.calls.slice(calls)).toLowerCase();
  expect(sent).toContain("11111111");
  expect(sent).not.toMatch(/da.?83.?e7/);
});

test.each([
  ["refuses our credentials", { kind: "status", status: 401 }],
  ["forbids it", { kind: "status", status: 403 }],
  ["is over its quota", { kind: "status", status: 429, retryAfterSeconds: 30 }],
  ["is broken", { kind: "status", status: 503 }],
  ["hangs up", { kind: "reset" }],
  ["answers with a page", { kind: "html" }],
] as const)("behaviour 3.1: an MDM that %s changes no verdict, and is not 'not enrolled'", async (_what, fault) => {
  const { identity } = await authenticate(bench, organizationId);
  const first = await lookUp(identity);
  uem.tenant.faults.inject({ ...fault, scope: "api" });
  const second = await lookUp(identity, asked, occurrence(Date.now() + 1_000), first.changedAt);
  expect(second).toMatchObject({ status: "compliant", reason: "reported", changed: false });
  expect(second.text).toContain("The last answer stands: compliant.");
  expect(second.nextCheckMs).toBeLessThanOrEqual(6.1 * MINUTE_MS);
  const events = await timeline(bench, organizationId);
  expect(events.at(-1)).toMatchObject({ type: "NAC_MDM_LOOKUP_FAILURE", body: { mdm_compliance: "compliant" } });
  const [account] = await listAccounts(bench.store, organizationId);
  expect(account!.health.lastStatus).toBe("failed");
  expect(account!.health.error).toBeTruthy();
  const { identity: stranger } = await authenticate(bench, organizationId, {
    evidence: { certificate: unknownDevice },
  });
  await expect(lookUp(stranger)).resolves.toMatchObject({ status: "unknown", reason: "unreachable" });
});

test("no MDM at all: unknown, and the timeline is not filled with it", async () => {
  organizationId = await newTenant(bench.store);
  const { identity } = await authenticate(bench, organizationId);
  const result = await lookUp(identity);
  expect(result).toMatchObject({ status: "unknown", reason: "unreachable", text: "No MDM account is linked." });
  expect(result.provider).toBeUndefined();
  expect(await timeline(bench, organizationId)).toEqual([]);
});

test("behaviour 3.1: an account whose secret no key opens cannot be asked, and the other speaks all the same", async () => {
  const lost = await link(bench.store, organizationId, "jamf", jamf);
  const clientSecret = secret("under a lost key");
  await updateAccount(underLostKey(bench.store), organizationId, lost, { clientSecret });
  const { identity } = await authenticate(bench, organizationId);
  expect(await lookUp(identity)).toMatchObject({
    status: "compliant",
    text: expect.stringContaining("reports") as string,
  });
  const health = async () =>
    new Map((await listAccounts(bench.store, organizationId)).map((each) => [each.account.accountId, each.health]));
  expect((await health()).get(accountId)).toMatchObject({ lastStatus: "success" });
  expect((await health()).get(lost)).toMatchObject({
    lastStatus: "failed",
    error: expect.stringMatching(/^the secret of linked_account:.*set client_secret of the account anew$/) as string,
  });
  // What the one does not know, the other may.
  const stranger = await authenticate(bench, organizationId, {
    evidence: { certificate: unknownDevice, mac: OTHER_MAC },
  });
  const result = await lookUp(stranger.identity);
  expect(result).toMatchObject({
    status: "unknown",
    text: expect.stringContaining("could not be asked: the secret") as string,
  });
  expect(result.reason).not.toBe("notEnrolled");
});

test("behaviour 1.6: two accounts: the one that knows the device speaks; one away and one ignorant is not 'not enrolled'", async () => {
  const jamfId = await link(bench.store, organizationId, "jamf", jamf);
  const { identity } = await authenticate(bench, organizationId);
  await expect(lookUp(identity)).resolves.toMatchObject({ status: "compliant", provider: "Workspace ONE UEM" });

  const { identity: stranger } = await authenticate(bench, organizationId, {
    evidence: { mac: OTHER_MAC, certificate: unknownDevice },
  });
  uem.tenant.faults.inject({ kind: "status", status: 503, scope: "api" });
  await expect(lookUp(stranger)).resolves.toMatchObject({ status: "unknown", reason: "unreachable" });
  uem.tenant.faults.clear();
  await expect(lookUp(stranger, asked)).resolves.toMatchObject({ status: "unknown", reason: "notEnrolled" });
  expect((await timeline(bench, organizationId)).at(-1)).toMatchObject({ type: "NAC_MDM_DEVICE_NOT_ENROLLED" });
  const health = await listAccounts(bench.store, organizationId);
  expect(health.find(({ account }) => account.accountId === jamfId)!.health.lastStatus).toBe("success");
});

test("an attempt that is repeated asks no MDM twice and writes no event twice", async () => {
  const { identity } = await authenticate(bench, organizationId);
  const once = occurrence();
  await lookUp(identity, asked, once);
  const calls = uem.calls.length;
  await expect(lookUp(identity, asked, once)).resolves.toMatchObject({ status: "compliant", changed: true });
  expect(uem.calls).toHaveLength(calls);
  expect(await timeline(bench, organizationId)).toHaveLength(1);
});

test("no log line, event or verdict has the secret", async () => {
  const { identity } = await authenticate(bench, organizationId);
  await lookUp(identity);
  const verdict = await readVerdict(bench.store, organizationId, identity);
  const told = JSON.stringify([bench.logged, await timeline(bench, organizationId), verdict]);
  expect(bench.logged.length).toBeGreaterThan(0);
  expect(told).not.toContain(SECRET);
});

test("an account that is linked later is asked about devices in use that nobody knew, and about no others", async () => {
  organizationId = await newTenant(bench.store);
  const other = (octets: string) => ({ evidence: { certificate: unknownDevice, mac: parseMac(octets)! } });
  const { identity } = await authenticate(bench, organizationId);
  expect(await lookUp(identity)).toMatchObject({ status: "unknown", text: "No MDM account is linked." });
  const { identity: known } = await authenticate(bench, organizationId, other("a4:83:e7:00:00:02"));
  await hold(bench, organizationId, known, { status: "noncompliant" });
  const gone = identityKey({ kind: "mac", mac: OTHER_MAC });
  await hold(bench, organizationId, gone, { status: "unknown", reason: "unreachable", checkedAt: undefined });
  for (const wish of await takeWishes(bench.store, { limit: 100, leaseMs: 0 })) await completeWish(bench.store, wish);
  const before = await readVerdict(bench.store, organizationId, identity);

  await link(bench.store, organizationId, "vmware", uem);
  const wishes = await takeWishes(bench.store, { limit: 100, leaseMs: 0 });
  expect(wishes).toMatchObject([
    { kind: "seen", organizationId, subject: identity, payload: { text: "Account vmware was linked." } },
  ]);
  const due = await readVerdict(bench.store, organizationId, identity);
  expect(due).toEqual({ ...before, revision: before!.revision + 3, dueAt: expect.any(Number) as number });
  expect(due!.dueAt).toBeLessThanOrEqual(Date.now());
  expect(await findOrganization(bench.store, organizationId)).toMatchObject({ revision: due!.revision });
  expect(await lookUp(identity, { kind: "wished" })).toMatchObject({ status: "compliant" });

  await hold(bench, organizationId, identity, { status: "unknown", reason: "notEnrolled" });
  await link(bench.store, organizationId, "jamf", jamf);
  expect((await takeWishes(bench.store, { limit: 100, leaseMs: 0 })).map(({ subject }) => subject)).toEqual([identity]);
});
