import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { reveal, secret } from "../../domain/secret.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { hashPassword } from "../../runtime/password-hash.ts";
import { findClient } from "../../store/clients.ts";
import { createLocalUser } from "../../store/local-users.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import type { Site } from "../radius-edge/eap/bench.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { ROUNDS, runEapolTest } from "../support/eapol-test.ts";
import type { EapolClient } from "../support/eapol-test.ts";
import { freeUdpPort, radclient, startFreeRadius } from "./freeradius.ts";
import type { FreeRadius } from "./freeradius.ts";

const OUTER = secret("between-nas-and-proxy");
const MAC = parseMac("a4:83:e7:00:f2:01")!;
let site: Site;
let laptop: CertifiedKey;
let running: TestEdge;
let organizationId: OrganizationId;
let proxy: FreeRadius;
let authentication: string;
let accounting: string;

beforeAll(async () => {
  site = await createSite();
  laptop = await site.authority.issue({ commonName: "laptop" });
  running = await startTestEdge(async (store) => {
    const rules = [{ gives: [{ name: "quarantine", type: "vlan", values: ["99"] } as const] }];
    organizationId = await createTenant(store, { name: "Acme", site, nasAddress: "127.0.0.1", rules });
    const passwordHash = await hashPassword(secret("correct horse"));
    await createLocalUser(store, organizationId, { name: "ada", passwordHash, labels: [] });
  });
  const [authPort, acctPort] = [await freeUdpPort(), await freeUdpPort()];
  authentication = `127.0.0.1:${authPort}`;
  accounting = `127.0.0.1:${acctPort}`;
  proxy = await startFreeRadius(proxying(running, authPort, acctPort));
}, 60_000);
afterAll(async () => {
  await proxy.close();
  await running.close();
});

/** All realms go to the edge, watched by Status-Server. */
function proxying({ edge }: TestEdge, authPort: number, acctPort: number): string {
  const home = (name: string, type: string, address: string): string => {
    const [host, port] = address.split(":");
    return `home_server ${name} {
  type = ${type}
  ipaddr = ${host}
  port = ${port}
  secret = ${reveal(NAS_SECRET)}
  status_check = status-server
}
home_server_pool ${name} {
  home_server = ${name}
}`;
  };
  return `
client nas {
  ipaddr = 127.0.0.1
  secret = ${reveal(OUTER)}
}
proxy server {
}
${home("edge_auth", "auth", edge.authentication)}
${home("edge_acct", "acct", edge.accounting)}
realm edge {
  auth_pool = edge_auth
  acct_pool = edge_acct
  nostrip
}
server front {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${authPort}
  }
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = ${acctPort}
  }
  authorize {
    update control {
      Proxy-To-Realm := edge
    }
  }
  preacct {
    update control {
      Proxy-To-Realm := edge
    }
  }
}`;
}

const door = () => ({ server: authentication, secret: OUTER });
const accepted = (tls: EapolClient["tls"]): object[] =>
  Array.from({ length: ROUNDS }, () => ({ code: "Access-Accept", vlan: "99", tls }));

test.each(["TLSv1.2", "TLSv1.3"] as const)("EAP-TLS over %s through FreeRADIUS, keys and VLAN intact", async (tls) => {
  const caPem = site.authority.certificatePem;
  const client = { mac: MAC, method: "TLS", tls, caPem, certificate: laptop, network: { identity: "laptop" } } as const;
  const { succeeded, answers } = await runEapolTest(client, door(), ROUNDS - 1);
  expect([succeeded, answers]).toMatchObject([true, accepted(tls)]);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("EAP-TTLS/PAP over %s through FreeRADIUS", async (tls) => {
  const caPem = site.authority.certificatePem;
  const network = { identity: "ada", anonymous_identity: "anonymous", password: "correct horse", phase2: "auth=PAP" };
  const client = { mac: MAC, method: "TTLS", tls, caPem, network } as const;
  const { succeeded, answers } = await runEapolTest(client, door(), ROUNDS - 1);
  expect([succeeded, answers]).toMatchObject([true, accepted(tls)]);
});

test("MAC authentication and accounting through FreeRADIUS; what it heard came through a proxy", async () => {
  const client = ['Calling-Station-Id = "A4-83-E7-00-F2-02"', "NAS-IP-Address = 192.0.2.7"];
  const credentials = ['User-Name = "a483e700f202"', 'User-Password = "a483e700f202"', "Message-Authenticator = 0x00"];
  const accepted = await radclient(authentication, "auth", reveal(OUTER), [...credentials, ...client]);
  expect(accepted.output).toContain("Received Access-Accept");
  const session = ["Acct-Status-Type = Start", 'Acct-Session-Id = "4FECC41E"'];
  const accounted = await radclient(accounting, "acct", reveal(OUTER), [...session, ...client]);
  expect(accounted.output).toContain("Received Accounting-Response");
  const found = await findClient(running.store, organizationId, parseMac("a483e700f202")!);
  expect(found?.client.evidence.nas).toMatchObject({
    throughProxy: true,
    nasIpAddress: "192.0.2.7",
    sourceAddress: "127.0.0.1",
  });
});
