import type { NasEvidence } from "../../domain/evidence.ts";
import type { OrganizationId, SessionId } from "../../domain/identifiers.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { findSession } from "../../store/sessions.ts";
import { evidence, MAC, NOW, OTHER_MAC } from "../support/domain-values.ts";
import { accounting, authentication } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

async function accept(at: number, change: { mac?: typeof MAC; nas?: Partial<NasEvidence> } = {}): Promise<SessionId> {
  const { mac = MAC, nas } = change;
  const record = authentication(organizationId, { at, evidence: { mac, nas: { ...evidence().nas, ...nas } } });
  await recordBatch(store, [record]);
  return record.session!.id;
}

const endOf = async (id: SessionId): Promise<string | undefined> =>
  (await findSession(store, organizationId, id))!.endReason;

const on = (at: number, acctSessionId = "0") => accounting(organizationId, "on", { at, acctSessionId });

test("a late Accounting-On ends what was accepted before its moment, and nothing accepted since", async () => {
  const earlier = await accept(NOW);
  const since = await accept(NOW + 10 * SECOND_MS, { mac: OTHER_MAC });
  // Sent when the NAS came up, heard only now: Acct-Delay-Time takes it back.
  await recordBatch(store, [on(NOW + 4 * SECOND_MS)]);
  expect(await endOf(earlier)).toBe("Accounting-On");
  expect(await endOf(since)).toBeUndefined();
});

test("an Accounting-On that comes a second time does not end the sessions that began since the first", async () => {
  const old = await accept(NOW);
  await recordBatch(store, [on(NOW + 1 * SECOND_MS)]);
  const since = await accept(NOW + 2 * SECOND_MS, { mac: OTHER_MAC });
  await recordBatch(store, [on(NOW + 5 * SECOND_MS)]);
  await recordBatch(store, [on(NOW + 9 * SECOND_MS)]);
  expect(await endOf(old)).toBe("Accounting-On");
  expect(await endOf(since)).toBeUndefined();
});

test("two copies in one batch speak of one moment", async () => {
  const session = await accept(NOW + 2 * SECOND_MS);
  await recordBatch(store, [on(NOW + 5 * SECOND_MS), on(NOW + 1 * SECOND_MS)]);
  expect(await endOf(session)).toBeUndefined();
});

test("a second restart ends what the first one had let begin: later, or under another Acct-Session-Id", async () => {
  await recordBatch(store, [on(NOW)]);
  const first = await accept(NOW + 2 * SECOND_MS);
  await recordBatch(store, [on(NOW + 5 * SECOND_MS, "another")]);
  expect(await endOf(first)).toBe("Accounting-On");
  const second = await accept(NOW + 6 * SECOND_MS);
  await recordBatch(store, [on(NOW + 5 * SECOND_MS + 2 * MINUTE_MS, "another")]);
  expect(await endOf(second)).toBe("Accounting-On");
});

test("an Off and the On after it are two events, whatever their Acct-Session-Id", async () => {
  const before = await accept(NOW);
  await recordBatch(store, [
    accounting(organizationId, "off", { at: NOW + 1 * SECOND_MS, acctSessionId: "0" }),
    on(NOW + 20 * SECOND_MS),
  ]);
  const between = await accept(NOW + 21 * SECOND_MS);
  await recordBatch(store, [on(NOW + 22 * SECOND_MS)]);
  expect(await endOf(before)).toBe("Accounting-Off");
  expect(await endOf(between)).toBeUndefined();
});

test("behaviour 8.2: behind one proxy, the restart of one NAS ends no session of another", async () => {
  const named = { nasIdentifier: undefined, nasIpAddress: "10.0.0.2" };
  const other = await accept(NOW, { nas: { ...named, nasIpAddress: "10.0.0.3" } });
  const restarted = await accept(NOW + 1, { nas: named });
  await recordBatch(store, [accounting(organizationId, "on", { at: NOW + 5 * SECOND_MS, ...named })]);
  expect(await endOf(restarted)).toBe("Accounting-On");
  expect(await endOf(other)).toBeUndefined();
});
