import { parseMac } from "../../../domain/mac-address.ts";
import { secret } from "../../../domain/secret.ts";
import { readClasses, readProxyStates } from "../../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../../radius-edge/wire/attribute-writers.ts";
import { hashPassword } from "../../../runtime/password-hash.ts";
import { openRadiusClient } from "../../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../../simulators/fleet/radius-client.ts";
import { createLocalUser } from "../../../store/local-users.ts";
import { metricOf } from "../../fuzz/edge-under-fire.ts";
import { createTenant } from "../../support/edge.ts";
import { ROUNDS, runEapolTest } from "../../support/eapol-test.ts";
import { startRadsecproxy } from "../../support/radsecproxy.ts";
import type { Radsecproxy } from "../../support/radsecproxy.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";
import { registerRadsecNas, startRadsecEdge } from "./edge.ts";
import type { RadsecEdge } from "./edge.ts";

const SECRET = secret("between-nas-and-proxy");
const MAC = "a4-83-e7-00-80-01";

let site: Site;
let running: RadsecEdge;
let radius: RadiusClient;

beforeAll(async () => {
  site = await createSite();
  running = await startRadsecEdge(async (store) => {
    const rules = [{ gives: [{ name: "staff", type: "vlan", values: ["20"] }] }] as const;
    const id = await createTenant(store, { name: "Acme", site, nasAddress: "127.0.0.93", rules });
    await registerRadsecNas(store, id, "proxy.acme.example");
    const passwordHash = await hashPassword(secret("correct horse"));
    await createLocalUser(store, id, { name: "ada", passwordHash, labels: [] });
  });
  radius = await openRadiusClient({ address: "127.0.0.1", secret: SECRET });
});
afterAll(async () => {
  radius.close();
  await running.close();
});

describe.each(["1.2", "1.3"] as const)("radsecproxy of NORDUnet and GÉANT, over TLS %s,", (tls) => {
  let proxy: Radsecproxy;
  beforeAll(async () => {
    const certified = await running.nasCa.issue({ commonName: "proxy", sanDns: ["proxy.acme.example"] });
    const caPem = running.nasCa.certificatePem;
    proxy = await startRadsecproxy({ server: running.edge.radsec!, certified, caPem, secret: SECRET, tls });
  });
  afterAll(() => proxy.close());

  test("passes MAC authentication and accounting of a NAS", async () => {
    const place = [write.writeUserName(MAC), write.writeCallingStationId(MAC), write.writeServiceType(10)];
    const proxyState = write.writeProxyState(Buffer.from("of a proxy before it"));
    const accepted = await radius.ask(proxy.address, "Access-Request", [...place, proxyState]);
    expect(accepted?.packet.code).toBe("Access-Accept");
    expect(readProxyStates(accepted!.packet)).toEqual([proxyState[1]]);
    const [classValue] = readClasses(accepted!.packet);
    const session = [write.writeAcctSessionId("8001"), write.writeClass(classValue!), ...place];
    for (const kind of ["start", "stop"] as const) {
      const record = [write.writeAccountingKind(kind), ...session];
      const accounted = await radius.ask(proxy.address, "Accounting-Request", record);
      expect(accounted?.packet.code).toBe("Accounting-Response");
    }
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "passes EAP-TLS and EAP-TTLS/PAP of hostap's supplicant over %s, and the keys of both ends are the same",
    async (inner) => {
      const common = { mac: parseMac(MAC)!, tls: inner, caPem: site.authority.certificatePem };
      const certificate = await site.authority.issue({ commonName: "mac-80" });
      const ada = { identity: "ada", anonymous_identity: "anonymous", password: "correct horse", phase2: "auth=PAP" };
      const door = { server: proxy.address, secret: SECRET };
      for (const run of [
        await runEapolTest(
          { ...common, method: "TLS", certificate, network: { identity: "mac-80" } },
          door,
          ROUNDS - 1,
        ),
        await runEapolTest({ ...common, method: "TTLS", network: ada }, door, ROUNDS - 1),
      ]) {
        expect([run.succeeded, run.succeeded ? "" : run.output]).toEqual([true, ""]);
        const accepted = { code: "Access-Accept", vlan: "20", tls: inner };
        expect(run.answers).toMatchObject(Array.from({ length: ROUNDS }, () => accepted));
      }
    },
  );

  test("passes EAP-MD5 of hostap's supplicant, which is MAC authentication when it says the client's MAC address", async () => {
    const mac = parseMac(MAC)!;
    const md5 = (password: string) =>
      runEapolTest(
        {
          mac,
          method: "MD5",
          tls: "TLSv1.3",
          caPem: site.authority.certificatePem,
          network: { identity: mac, password },
        },
        { server: proxy.address, secret: SECRET },
      );
    const [right, wrong] = [await md5(mac), await md5("correct horse")];
    expect([right.succeeded, right.succeeded ? "" : right.output]).toEqual([true, ""]);
    expect(right.answers[0]).toMatchObject({ code: "Access-Accept", vlan: "20" });
    expect([wrong.succeeded, wrong.answers[0]?.code]).toEqual([false, "Access-Reject"]);
  });

  test("keeps its one connection: nothing that it sends is against the rules", async () => {
    expect(await metricOf(running, "portcullis_radsec_connections")).toBe(1);
    for (const reason of ["packet", "framing", "unknown-nas", "handshake"]) {
      expect(await metricOf(running, "portcullis_radsec_ended_total", `reason="${reason}"`)).toBe(0);
    }
  });
});
