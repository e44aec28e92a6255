import type { CoaOutcome, CoaStep } from "../../../domain/coa.ts";
import type { NasEvidence } from "../../../domain/evidence.ts";
import type { OrganizationId } from "../../../domain/identifiers.ts";
import type { CoaOrder } from "../../../radius-edge/coa/request.ts";
import {
  readAcctSessionId,
  readCallingStationId,
  readCiscoAvPairs,
  readOperatorNasIdentifier,
} from "../../../radius-edge/wire/attribute-readers.ts";
import { listNases } from "../../../store/nases.ts";
import { evidence } from "../../support/domain-values.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../../support/edge.ts";
import type { Tenant, TestEdge } from "../../support/edge.ts";
import { orderCoa } from "../../support/order-coa.ts";
import { ack, nak, openCoaNas } from "./nas.ts";
import type { CoaNas } from "./nas.ts";
import { packetOf } from "../wire/make.ts";

/** Typed, as jest's matchers are `any`. */
const containing = (text: string): unknown => expect.stringContaining(text);

const HOST = "127.0.0.71";
let running: TestEdge;
let nas: CoaNas;
let answers: (nth: number) => ReturnType<typeof ack> | undefined = () => ack();
const organizations = new Map<string, OrganizationId>();

beforeAll(async () => {
  nas = await openCoaNas((nth) => answers(nth), { secret: NAS_SECRET, host: HOST });
  const tenants: readonly Pick<Tenant, "name" | "profile" | "coaThroughProxy" | "radsec">[] = [
    { name: "cisco", profile: "cisco" },
    { name: "auto", profile: "auto" },
    { name: "no-coa", profile: "no-coa" },
    { name: "proxied", profile: "cisco", coaThroughProxy: true },
    { name: "both", profile: "cisco", radsec: { issuer: "CN=NAS CA", san: "ap-1.acme.example" } },
  ];
  running = await startTestEdge(async (store) => {
    for (const [n, tenant] of tenants.entries()) {
      const id = await createTenant(store, {
        ...tenant,
        nasAddress: `127.0.0.${72 + n}`,
        coaPort: nas.port,
        rules: [],
      });
      organizations.set(tenant.name, id);
    }
  });
});
afterAll(async () => {
  nas.close();
  await running.close();
});
beforeEach(() => {
  answers = () => ack();
});

/** Asks the edge as a worker does. */
async function order(
  tenant: string,
  seen: Partial<NasEvidence> = {},
  step: CoaStep = "reauthenticate",
  more: Pick<CoaOrder, "mayUseUdp"> = {},
) {
  const before = nas.received.length;
  const response = await ask(tenant, seen, step, 0, more);
  expect(response.status).toBe(200);
  const outcome = (await response.json()) as CoaOutcome;
  return { outcome, sent: nas.received.slice(before).map(packetOf) };
}

async function ask(
  tenant: string,
  seen: Partial<NasEvidence>,
  step: CoaStep,
  minimumRevision: number,
  more: Pick<CoaOrder, "mayUseUdp"> = {},
) {
  const organizationId = organizations.get(tenant)!;
  const [registered] = await listNases(running.store, organizationId);
  const nasEvidence = { ...evidence().nas, nasId: registered!.id, sourceAddress: HOST, ...seen };
  const session = { nas: nasEvidence, userName: "ada", acctSessionId: "4FECC41E" };
  const body: CoaOrder = { organizationId, nasId: registered!.id, minimumRevision, step, session, ...more };
  return orderCoa(running, body);
}

test("behaviour 5.3: nothing is sent before the edge holds what the order rests on; it may be asked again", async () => {
  const before = nas.received.length;
  const response = await ask("cisco", {}, "reauthenticate", 1_000_000);
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ message: "this edge has not reached revision 1000000 yet" });
  expect(nas.received).toHaveLength(before);
});

test("the session is named as its NAS named it, and told what its profile says", async () => {
  const { outcome, sent } = await order("cisco", { auditSessionId: "0A00" });
  expect(outcome).toEqual({ kind: "acknowledged" });
  const [request] = sent;
  expect(request?.code).toBe("CoA-Request");
  expect(readCiscoAvPairs(request!)).toEqual([
    "audit-session-id=0A00",
    "subscriber:command=reauthenticate",
    "subscriber:reauthenticate-type=last",
  ]);
  expect(readCallingStationId(request!)).toBe(evidence().nas.callingStationId);
});

test.each([401, 402])("after Error-Cause %i the next wording of the step is tried", async (errorCause) => {
  answers = (nth) => (nth === first ? nak(errorCause) : ack());
  const first = nas.received.length + 1;
  const { outcome, sent } = await order("cisco", { auditSessionId: "0A00" });
  expect(outcome).toEqual({ kind: "acknowledged" });
  expect(sent).toHaveLength(2);
  expect(readCiscoAvPairs(sent[1]!)).toEqual(["audit-session-id=0A00", "subscriber:command=reauthenticate"]);
});

test("behaviour 5.7: a refusal brings what to look at on a NAS of this kind", async () => {
  answers = () => nak(501);
  const { outcome, sent } = await order("cisco");
  expect(sent).toHaveLength(1);
  expect(outcome).toMatchObject({
    kind: "refused",
    errorCause: 501,
    advice: containing("aaa server radius dynamic-author"),
  });
});

test("a NAS whose kind is told from its requests gets what that kind takes", async () => {
  const recognized = await order("auto", { profile: "cisco", auditSessionId: "0A00" });
  expect(readCiscoAvPairs(recognized.sent[0]!)).toContain("subscriber:command=reauthenticate");
  answers = () => ack("Disconnect-ACK");
  const { outcome, sent } = await order("auto", { profile: "hostapd" }, "disconnect");
  expect(outcome).toEqual({ kind: "acknowledged" });
  expect(sent[0]?.code).toBe("Disconnect-Request");
  expect(readAcctSessionId(sent[0]!)).toBe("4FECC41E");
});

test("a step that its profile does not have is not tried", async () => {
  const { outcome, sent } = await order("auto", { profile: "hostapd" });
  expect(outcome).toEqual({ kind: "notSent", text: 'NAS profile "hostapd" does not take reauthenticate' });
  expect(sent).toHaveLength(0);
});

test("a NAS that speaks RadSec too is sent UDP only when the worker says that no edge holds its connection", async () => {
  const first = await order("both");
  expect(first.outcome).toEqual({ kind: "noPath", text: "the NAS has no RadSec connection to this edge now" });
  expect(first.sent).toHaveLength(0);
  const last = await order("both", {}, "reauthenticate", { mayUseUdp: true });
  expect(last.outcome).toEqual({ kind: "acknowledged" });
  expect(last.sent).toHaveLength(1);
});

test("behaviour 5.8: a NAS without CoA is told as waiting for re-authentication", async () => {
  const { outcome, sent } = await order("no-coa");
  expect(outcome).toMatchObject({ kind: "atReauthentication" });
  expect(sent).toHaveLength(0);
});

test("behaviour 8.3: behind a proxy, CoA goes the proxy's way only where that is declared, with the NAS's name for it", async () => {
  const undeclared = await order("cisco", { throughProxy: true, operatorNasIdentifier: "c0ffee" });
  expect(undeclared.outcome).toMatchObject({ kind: "atReauthentication", text: containing("RFC 8559") });
  expect(undeclared.sent).toHaveLength(0);
  const nameless = await order("proxied", { throughProxy: true });
  expect(nameless.outcome).toMatchObject({ kind: "atReauthentication" });
  const declared = await order("proxied", { throughProxy: true, operatorNasIdentifier: "c0ffee" });
  expect(declared.outcome).toEqual({ kind: "acknowledged" });
  expect(readOperatorNasIdentifier(declared.sent[0]!)?.toString("hex")).toBe("c0ffee");
});
