import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerNas } from "../../cli/sandbox/configure.ts";
import { VLANS } from "../../cli/sandbox/cast.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { newMac, until } from "../story/stage.ts";
import { startProduct } from "../support/product.ts";
import type { Product } from "../support/product.ts";
import { startWiredSwitch } from "./wired-switch.ts";
import type { SwitchPort, WiredSwitch } from "./wired-switch.ts";

const SECRET = "between-hostapd-and-the-edge";
const DEVICE_ID = "9C2D1F64-7F0B-5B13-8E55-31F8A1C0D001";
const MACS = [newMac(), newMac(), newMac()] as const;

let product: Product;
let lan: WiredSwitch;
let folder: string;

beforeAll(async () => {
  product = await startProduct();
  folder = mkdtempSync(join(tmpdir(), "portcullis-chain-"));
  const ca = file("ca.pem", product.authority.certificatePem);
  const laptop = await product.authority.issue({ commonName: "laptop", sanDns: [DEVICE_ID] });
  const impostor = await (await createAuthority("Acme Device CA")).issue({ commonName: "laptop", sanDns: [DEVICE_ID] });
  await product.api.post("/local_users", { name: "ada", password: "correct horse" });
  const { devices } = product.vmware.tenant;
  const common = { kind: "windows", compliance: "compliant" } as const;
  devices.add({ ...common, name: "laptop", udid: DEVICE_ID, macAddress: MACS[0] });
  devices.add({ ...common, name: "tablet", udid: "9C2D1F64-7F0B-5B13-8E55-31F8A1C0D002", macAddress: MACS[1] });
  const { authentication, accounting } = product.edge;
  lan = await startWiredSwitch(
    [
      { nasIdentifier: "port-1", mac: MACS[0], network: tls(ca, laptop, "laptop") },
      {
        nasIdentifier: "port-2",
        mac: MACS[1],
        network: [
          "eap=TTLS",
          'identity="ada"',
          'anonymous_identity="anonymous"',
          'password="correct horse"',
          `ca_cert="${ca}"`,
          'phase1="tls_disable_tlsv1_3=1"',
          'phase2="auth=PAP"',
        ],
      },
      { nasIdentifier: "port-3", mac: MACS[2], network: tls(ca, impostor, "impostor") },
    ],
    { authentication, accounting, secret: SECRET, interimSeconds: 60 },
  );
  for (const { nasIdentifier, coaPort } of lan.ports) {
    const nas = { name: nasIdentifier, nas_identifier: nasIdentifier, address: "127.0.0.1", secret: SECRET };
    await registerNas(product.api, { ...nas, profile: "hostapd", coa_port: coaPort });
  }
}, 120_000);
afterAll(async () => {
  await lan?.close();
  await product?.close();
  rmSync(folder, { recursive: true });
}, 60_000);

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
}

function tls(ca: string, { certificatePem, keyPem }: CertifiedKey, name: string): readonly string[] {
  return [
    "eap=TLS",
    `identity="${name}"`,
    `ca_cert="${ca}"`,
    `client_cert="${file(`${name}.pem`, certificatePem)}"`,
    `private_key="${file(`${name}.key`, keyPem)}"`,
    'phase1="tls_disable_tlsv1_3=0"',
  ];
}

interface TimelineEvent {
  readonly type: string;
  readonly vlan?: string;
  readonly resp_attrs?: readonly string[];
}

async function timeline({ mac }: SwitchPort): Promise<readonly TimelineEvent[]> {
  const path = `/nac_clients/events/search?mac=${mac}&limit=1000`;
  const { results } = await product.api.get<{ readonly results: readonly TimelineEvent[] }>(path);
  return results.toReversed();
}

const sees = (port: SwitchPort, ...types: readonly string[]) =>
  until(async () => {
    const seen = (await timeline(port)).map(({ type }) => type);
    return types.every((type) => seen.includes(type));
  });

const permits = async (port: SwitchPort) => (await timeline(port)).filter(({ type }) => type === "NAC_CLIENT_PERMIT");

/** What hostapd was told that it may know the user by, each once. */
async function pseudonyms(port: SwitchPort): Promise<readonly string[]> {
  const attributes = (await permits(port)).flatMap(({ resp_attrs = [] }) => resp_attrs);
  return [...new Set(attributes.filter((text) => text.startsWith("Chargeable-User-Identity=")))];
}

test("the impostor at port 3 is refused, while the others are let in, each into quarantine at first", async () => {
  const [first, second, third] = lan.ports as [SwitchPort, SwitchPort, SwitchPort];
  await sees(third, "NAC_CLIENT_CERT_CHECK_FAILURE");
  for (const port of [first, second]) {
    await until(async () => (await permits(port)).length > 0);
    expect((await permits(port))[0]?.vlan).toBe(VLANS.quarantine);
    expect(await pseudonyms(port)).toHaveLength(1);
  }
  expect(await third.isAuthorized()).toBe(false);
  expect(await permits(third)).toHaveLength(0);
}, 90_000);

test.each([
  ["EAP-TLS over TLS 1.3, found by its device id", 0],
  ["EAP-TTLS over TLS 1.2, found by its MAC", 1],
])(
  "%s: accounted, disconnected by its workflow, and on the right VLAN when it comes back",
  async (_client, index) => {
    const port = lan.ports[index]!;
    await sees(port, "NAC_ACCOUNTING_START", "NAC_CLIENT_COA_DISCONNECT", "NAC_ACCOUNTING_STOP");
    await port.reconnect();
    await until(async () => (await permits(port)).at(-1)?.vlan === VLANS.corporate);
    await sees(port, "NAC_CLIENT_ENFORCED");
    await until(() => port.isAuthorized());
    // It asks with what it was told the first time, and is told the same again.
    expect(await pseudonyms(port)).toHaveLength(1);
    expect(await port.status()).toMatchObject({
      "Supplicant PAE state": "AUTHENTICATED",
      suppPortStatus: "Authorized",
    });
  },
  120_000,
);
