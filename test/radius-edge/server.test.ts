import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { decodeEap, EAP_TYPE, encodeEapMessage } from "../../radius-edge/eap/packet.ts";
import type { EapMessage } from "../../radius-edge/eap/packet.ts";
import { readEapMessage, readProxyStates, readState } from "../../radius-edge/wire/attribute-readers.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, newRequestAuthenticator, verifyResponse } from "../../radius-edge/wire/exchange.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { createLabel } from "../../store/labels.ts";
import { listNases, updateNas } from "../../store/nases.ts";
import { createRule } from "../../store/rules.ts";
import { eventually, metricOf } from "../fuzz/edge-under-fire.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { createSite } from "./eap/bench.ts";
import { bytesOf } from "./wire/make.ts";

const ADDRESS = "127.0.0.95";
const UNREGISTERED = "127.0.0.96";
const MAC = "A4-83-E7-00-95-01";
const MAB: readonly Attribute[] = [
  write.writeUserName(MAC),
  write.writeCallingStationId(MAC),
  write.writeServiceType(10),
];

let running: TestEdge;
let organizationId: OrganizationId;

beforeAll(async () => {
  const site = await createSite();
  running = await startTestEdge(async (store) => {
    organizationId = await createTenant(store, { name: "Acme", site, nasAddress: ADDRESS, rules: [], eapMd5: true });
    const label = {
      name: "Foreign",
      type: "match",
      match: "operator_name",
      values: ["rival.example"],
      matchAll: false,
    } as const;
    const foreign = await createLabel(store, organizationId, label);
    if (foreign.kind !== "ok") throw new Error(foreign.kind);
    const nothing = { labels: [], fields: {} };
    const rule = { enabled: true, matching: nothing, notMatching: nothing, applyLabels: [] };
    const matching = { labels: [foreign.label.id], fields: {} };
    await createRule(store, organizationId, { ...rule, name: "no guests", order: 1, action: "block", matching });
    await createRule(store, organizationId, { ...rule, name: "all", order: 2, action: "allow" });
  });
});
afterAll(() => running.close());

type Asked = "Access-Request" | "Accounting-Request" | "Status-Server";

interface Asking {
  readonly attributes?: readonly Attribute[];
  readonly shared?: Secret;
  readonly from?: string;
  readonly to?: "authentication" | "accounting";
}

/** Asks once; `undefined` when nothing that verifies came back, though the edge has dropped something. */
async function ask(code: Asked, asking: Asking = {}): Promise<Packet | undefined> {
  const { attributes = [], shared = NAS_SECRET, from = ADDRESS, to = "authentication" } = asking;
  const draft =
    code === "Accounting-Request"
      ? { code, identifier: 5, attributes }
      : { code, identifier: 5, attributes, authenticator: newRequestAuthenticator() };
  const request = bytesOf(buildRequest(draft, shared));
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  const answer = once(socket, "message").then(([datagram]) => datagram as Buffer);
  const before = await drops();
  const [host, port] = running.edge[to].split(":");
  socket.send(request, Number(port), host);
  const dropped = eventually(async () => (await drops()) > before).then(() => undefined);
  const datagram = await Promise.race([answer, dropped.catch(() => undefined)]);
  socket.close();
  if (datagram === undefined) return undefined;
  const verified = verifyResponse(datagram, request, shared);
  return verified.kind === "packet" ? verified.packet : undefined;
}

const drops = (reason = ""): Promise<number> => metricOf(running, "portcullis_radius_drops_total", reason);

test("Message-Authenticator comes first in Accept, Reject and Challenge, and there is none in Accounting-Response", async () => {
  const accept = await ask("Access-Request", { attributes: [...MAB, write.writeProxyState(Buffer.from("p"))] });
  expect([accept?.code, accept?.attributes[0]?.[0]]).toEqual(["Access-Accept", ATTRIBUTE.MessageAuthenticator]);
  expect(readProxyStates(accept!)).toEqual([Buffer.from("p")]);
  const reject = await ask("Access-Request", { attributes: [write.writeUserName("alice")] });
  expect([reject?.code, reject?.attributes[0]?.[0]]).toEqual(["Access-Reject", ATTRIBUTE.MessageAuthenticator]);
  const eap = write.writeEapMessage(Buffer.from([2, 1, 0, 10, 1, ...Buffer.from("alice")]));
  const challenge = await ask("Access-Request", { attributes: [write.writeUserName("alice"), ...eap] });
  expect([challenge?.code, challenge?.attributes[0]?.[0]]).toEqual([
    "Access-Challenge",
    ATTRIBUTE.MessageAuthenticator,
  ]);
  const record = [write.writeAccountingKind("on"), write.writeAcctSessionId("1")];
  const accounted = await ask("Accounting-Request", { attributes: record, to: "accounting" });
  expect([accounted?.code, accounted?.attributes]).toEqual(["Accounting-Response", []]);
});

test("Status-Server is answered on both ports, each in its own way (RFC 5997 §3)", async () => {
  expect((await ask("Status-Server"))?.code).toBe("Access-Accept");
  expect((await ask("Status-Server", { to: "accounting" }))?.code).toBe("Accounting-Response");
});

test.each<[string, Asked, Asking]>([
  ["unknown-nas", "Access-Request", { attributes: MAB, from: UNREGISTERED }],
  ["unknown-nas", "Status-Server", { from: UNREGISTERED }],
  ["message-authenticator-wrong", "Access-Request", { attributes: MAB, shared: secret("another-secret") }],
  ["message-authenticator-wrong", "Status-Server", { shared: secret("another-secret") }],
  ["request-authenticator-wrong", "Accounting-Request", { shared: secret("another-secret"), to: "accounting" }],
  ["wrong-port", "Access-Request", { attributes: MAB, to: "accounting" }],
  ["wrong-port", "Accounting-Request", {}],
])("silence, counted as %s: %s %j", async (reason, code, asking) => {
  const before = await drops(`reason="${reason}"`);
  expect(await ask(code, asking)).toBeUndefined();
  expect(await drops(`reason="${reason}"`)).toBe(before + 1);
});

test("behaviour 8.2: during a rotation each of two secrets gets answers that it verifies", async () => {
  const next = secret("the-secret-after-it");
  const [nas] = await listNases(running.store, organizationId);
  const until = { previousSecretExpiresAt: Date.now() + 3_600_000 };
  await updateNas(running.store, organizationId, nas!.id, (current) => ({ ...current, secret: next, ...until }));
  await eventually(async () => (await ask("Status-Server", { shared: next })) !== undefined);
  for (const shared of [next, NAS_SECRET]) {
    expect((await ask("Access-Request", { attributes: MAB, shared }))?.code).toBe("Access-Accept");
    const record = [write.writeAccountingKind("on"), write.writeAcctSessionId("2")];
    const accounted = await ask("Accounting-Request", { attributes: record, to: "accounting", shared });
    expect(accounted?.code).toBe("Accounting-Response");
  }
  await updateNas(running.store, organizationId, nas!.id, (current) => ({
    ...current,
    secret: NAS_SECRET,
    previousSecretExpiresAt: undefined,
  }));
  await eventually(async () => (await ask("Status-Server", { shared: next })) === undefined);
  expect((await ask("Status-Server"))?.code).toBe("Access-Accept");
});

test("a switch that asks by EAP-MD5 gets the answer of MAC authentication: no keys, and the event says mab", async () => {
  const eap = (identifier: number, type: number, data: Buffer): readonly Attribute[] =>
    write.writeEapMessage(encodeEapMessage({ kind: "response", identifier, type, typeData: data }));
  const place = [write.writeUserName(MAC), write.writeCallingStationId(MAC)];
  const asked = await ask("Access-Request", { attributes: [...place, ...eap(1, EAP_TYPE.identity, Buffer.from(MAC))] });
  const request = decodeEap(readEapMessage(asked!)!) as EapMessage;
  expect([asked?.code, request.type]).toEqual(["Access-Challenge", EAP_TYPE.md5]);
  const { identifier } = request;
  const hash = createHash("md5").update(Buffer.of(identifier)).update(MAC).update(request.typeData.subarray(1, 17));
  const answer = eap(identifier, EAP_TYPE.md5, Buffer.concat([Buffer.of(16), hash.digest()]));
  const state = write.writeState(readState(asked!)!);
  const accept = await ask("Access-Request", { attributes: [...place, state, ...answer] });
  expect([accept?.code, decodeEap(readEapMessage(accept!)!).kind]).toEqual(["Access-Accept", "success"]);
  expect(accept?.attributes.filter(([type]) => type === ATTRIBUTE.VendorSpecific)).toEqual([]);
  const rows = await running.store.db.selectFrom("evidence").select("evidence").execute();
  expect(new Set(rows.map(({ evidence }) => evidence.authentication))).toEqual(new Set(["mab"]));
});

test("behaviour 8.3: a rule can ask for the Operator-Name of a foreign network", async () => {
  const operator = (name: string): Attribute => [ATTRIBUTE.OperatorName, Buffer.from(`1${name}`)];
  const guest = await ask("Access-Request", { attributes: [...MAB, operator("Rival.example")] });
  expect(guest?.code).toBe("Access-Reject");
  expect((await ask("Access-Request", { attributes: [...MAB, operator("acme.example")] }))?.code).toBe("Access-Accept");
  expect((await ask("Access-Request", { attributes: MAB }))?.code).toBe("Access-Accept");
});
