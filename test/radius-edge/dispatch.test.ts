import { parseMac } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import { DAY_MS } from "../../domain/time.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { createLog } from "../../runtime/log.ts";
import { hashPassword } from "../../runtime/password-hash.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import type { FleetClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { createLocalUser } from "../../store/local-users.ts";
import { listNases } from "../../store/nases.ts";
import { evidence } from "../support/domain-values.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { openEdgeNas } from "../support/edge-nas.ts";
import { orderCoa } from "../support/order-coa.ts";
import { ack, openCoaNas } from "./coa/nas.ts";
import type { CoaNas } from "./coa/nas.ts";
import { createSite } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";

// What a real edge tells of its answers: on its page of metrics, and in its log.
const LETS_IN = "127.0.0.101";
const REFUSES = "127.0.0.102";
const HAS_NO_EAP = "127.0.0.103";
const MAC = parseMac("a4:83:e7:00:42:01")!;

let site: Site;
let running: TestEdge;
let coaNas: CoaNas;
let organizationId: OrganizationId;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  site = await createSite();
  coaNas = await openCoaNas(() => ack(), { secret: NAS_SECRET, host: LETS_IN });
  const log = createLog("edge", "debug", {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  running = await startTestEdge(
    async (store) => {
      const rules = [{ gives: [] }];
      const coaPort = coaNas.port;
      organizationId = await createTenant(store, { name: "lets in", site, nasAddress: LETS_IN, coaPort, rules });
      await createLocalUser(store, organizationId, {
        name: "ada",
        passwordHash: await hashPassword(secret("right")),
        labels: [],
      });
      await createTenant(store, { name: "refuses", site, nasAddress: REFUSES, rules: [] });
      await createTenant(store, { name: "has no EAP", nasAddress: HAS_NO_EAP, rules });
    },
    {},
    { log },
  );
});
afterAll(async () => {
  coaNas.close();
  await running.close();
});

const common = { name: "laptop", mac: MAC, port: "wired" } as const;
const plain: FleetClient = { kind: "mab", ...common };

function certified(key: CertifiedKey): FleetClient {
  return { kind: "eap-tls", ...common, identity: "laptop", ...key, trustedCas: [site.authority.certificatePem] };
}

function withPassword(password: string): FleetClient {
  const trustedCas = [site.authority.certificatePem];
  return { kind: "eap-ttls", ...common, identity: "anonymous", user: { name: "ada", password }, trustedCas };
}

async function metric(name: string, labels: string): Promise<number | undefined> {
  const page = await (await fetch(`http://${running.edge.internal}/metrics`)).text();
  const line = page.split("\n").find((text) => text.startsWith(`${name}{${labels}`));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

/** Of an authentication: what the NAS got, and what the edge said of it in its log. */
async function authenticateAt(address: string, client: FleetClient) {
  const nas = await openEdgeNas(running.edge, address);
  const before = lines.length;
  try {
    const { packet } = await nas.authenticate(client, [write.writeCallingStationId(MAC)]);
    const said = lines.slice(before).filter(({ msg }) => msg === "an authentication was answered");
    return { code: packet.code, said };
  } finally {
    nas.close();
  }
}

async function askWithPassword(address: string) {
  const radius = await openRadiusClient({ address, secret: NAS_SECRET });
  const answered = await radius.ask(running.edge.authentication, "Access-Request", [write.writeUserName("ada")]);
  radius.close();
  return answered?.packet.code;
}

test("an authentication that was let in is counted by method, timed, counted for its rule, and one line of the log", async () => {
  const { code, said } = await authenticateAt(LETS_IN, plain);
  expect(code).toBe("Access-Accept");
  expect(said).toEqual([
    expect.objectContaining({
      level: "debug",
      organization: organizationId,
      method: "mab",
      result: "accept",
      mac: MAC,
    }),
  ]);
  const rule = String(said[0]!["rule"]);
  expect(await metric("portcullis_authentications_total", 'method="mab",result="accept"')).toBe(1);
  expect(await metric("portcullis_authentication_seconds_count", 'method="mab"')).toBe(1);
  expect(await metric("portcullis_authentication_seconds_sum", 'method="mab"')).toBeGreaterThan(0);
  expect(await metric("portcullis_rule_decisions_total", `organization="${organizationId}",rule="${rule}"`)).toBe(1);
  expect(await metric("portcullis_rejects_total", "")).toBeUndefined();
});

test("each refusal is told with its reason", async () => {
  const { authority } = site;
  const laptop = certified(await authority.issue({ commonName: "laptop" }));
  const rogue = await createAuthority("Rogue");
  const [notBefore, notAfter] = [Date.now() - 2 * DAY_MS, Date.now() - DAY_MS];
  const refusals: readonly (readonly [string, FleetClient, string, string])[] = [
    [REFUSES, plain, "mab", "policy"],
    [REFUSES, laptop, "eap-tls", "policy"],
    [
      LETS_IN,
      certified(await authority.issue({ commonName: "old", notBefore, notAfter })),
      "eap-tls",
      "certificateExpired",
    ],
    [LETS_IN, certified(await rogue.issue({ commonName: "stranger" })), "eap-tls", "unknownAuthority"],
    [LETS_IN, withPassword("wrong"), "eap-ttls", "passwordWrong"],
  ];
  for (const [address, client, method, reason] of refusals) {
    const { code, said } = await authenticateAt(address, client);
    expect(code).toBe("Access-Reject");
    expect(said).toEqual([expect.objectContaining({ method, result: "reject", reason })]);
    expect([reason, await metric("portcullis_rejects_total", `method="${method}",reason="${reason}"`)]).toEqual([
      reason,
      1,
    ]);
  }
});

test("who is refused for want of EAP, or of a way to prove itself, is told apart too", async () => {
  const nas = await openEdgeNas(running.edge, HAS_NO_EAP);
  const laptop = certified(await site.authority.issue({ commonName: "laptop" }));
  await nas.authenticate(laptop, [write.writeCallingStationId(MAC)]);
  nas.close();
  expect(await askWithPassword(LETS_IN)).toBe("Access-Reject");
  const reasons = lines.flatMap(({ reason }) => (reason === undefined ? [] : [reason])).slice(-2);
  expect(reasons).toEqual(["serverCertificateUnreadable", "notSupported"]);
});

test("a CoA is counted by step and outcome", async () => {
  const [registered] = await listNases(running.store, organizationId);
  const nas = { ...evidence().nas, nasId: registered!.id, sourceAddress: LETS_IN };
  const session = { nas, userName: "ada", acctSessionId: "4FECC41E" };
  const order = { organizationId, nasId: registered!.id, minimumRevision: 0, step: "reauthenticate", session } as const;
  expect(await (await orderCoa(running, order)).json()).toMatchObject({ kind: "acknowledged" });
  expect(await metric("portcullis_coa_total", 'step="reauthenticate",outcome="acknowledged"')).toBe(1);
});
