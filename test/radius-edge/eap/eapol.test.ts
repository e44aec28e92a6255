/** The supplicant of hostap against our end: what it calls a success includes that both ends have the same keys. */
import { reveal } from "../../../domain/secret.ts";
import { parseMac } from "../../../domain/mac-address.ts";
import type { EapContext } from "../../../radius-edge/eap/method.ts";
import { ATTRIBUTE } from "../../../radius-edge/wire/attribute-type.ts";
import type { Attribute } from "../../../radius-edge/wire/packet.ts";
import { type CertifiedKey, createAuthority } from "../../../simulators/certificates.ts";
import { type EapolClient, type EapolRun, runEapolTest } from "../../support/eapol-test.ts";
import { contextOf, createSite, type Site } from "./bench.ts";
import { type Door, openDoor } from "./door.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
type Version = (typeof VERSIONS)[number];
const MAC = parseMac("a4:83:e7:00:00:01")!;
/** Without these OpenSSL would fall back to versions that we do not speak. */
const MODERN = "tls_disable_tlsv1_0=1 tls_disable_tlsv1_1=1";
const TICKETS = "tls_disable_session_ticket=0";

let ec: Site;
let rsa: Site;
let device: CertifiedKey;
let door: Door;
beforeAll(async () => {
  ec = await createSite("ec");
  rsa = await createSite("rsa");
  device = await ec.authority.issue({ commonName: "mac-01" });
});
afterEach(() => door.close());

/** The last word of each conversation. */
const ends = (): object[] => door.turns.filter(({ kind }) => kind !== "challenge");

async function authenticate(
  context: EapContext,
  client: Partial<EapolClient> & Pick<EapolClient, "tls">,
  times = 1,
  attributes: readonly Attribute[] = [],
): Promise<EapolRun> {
  door = await openDoor(context);
  const caPem = ec.authority.certificatePem;
  const { network, phase1 = "", ...others } = client;
  const full = {
    mac: MAC,
    method: "TLS" as const,
    caPem,
    ...others,
    network: { identity: "mac-01", ...network },
    phase1: `${MODERN} ${phase1}`,
  };
  return runEapolTest(full, { ...door, attributes }, times - 1);
}

function framedMtu(octets: number): Attribute {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(octets);
  return [ATTRIBUTE.FramedMtu, value];
}

const accepted = (tls: Version, resumed = false): object => ({
  kind: "accept",
  evidence: { method: "EAP-TLS", identity: "mac-01", tlsVersion: tls, resumed, certificate: { commonName: "mac-01" } },
});

describe.each(VERSIONS)("EAP-TLS over %s", (tls) => {
  test.each([
    ["fragments of 100 octets", { fragment_size: 100 }],
    ["fragments of 1400 octets", { fragment_size: 1_400 }],
  ])("EC, %s", async (_name, network) => {
    const run = await authenticate(ec.context, { tls, certificate: device, network });
    expect([run.succeeded, ends()]).toMatchObject([true, [accepted(tls)]]);
  });

  test("RSA, fragments of 300 octets", async () => {
    const certificate = await rsa.authority.issue({ commonName: "mac-01", keyType: "rsa" });
    const caPem = rsa.authority.certificatePem;
    const run = await authenticate(rsa.context, { tls, certificate, caPem, network: { fragment_size: 300 } });
    expect([run.succeeded, ends()]).toMatchObject([true, [accepted(tls)]]);
  });

  test("a server chain of 17 KB on a link of 400 octets", async () => {
    const issued = Array.from({ length: 36 }, (_, index) => createAuthority(`Padding ${index} ${"x".repeat(50)}`));
    const padding = (await Promise.all(issued)).map(({ certificatePem }) => certificatePem).join("");
    const server = { ...ec.server, certificatePem: ec.server.certificatePem + padding };
    const context = contextOf(server, [ec.authority.certificatePem]);
    const run = await authenticate(context, { tls, certificate: device }, 1, [framedMtu(400)]);
    expect([run.succeeded, ends()]).toMatchObject([true, [accepted(tls)]]);
    const sent = door.turns.map((turn) => (turn.kind === "challenge" ? turn.eap.length : 0));
    expect(sent.reduce((sum, octets) => sum + octets)).toBeGreaterThan(17_000);
    // RFC 3579 §2.4: Framed-MTU less the 4 octets of the IEEE 802.1X header.
    expect(Math.max(...sent)).toBe(396);
  });

  test("behaviour 8.1: resumed by ticket, and again by the ticket of the resumed session", async () => {
    const run = await authenticate(ec.context, { tls, certificate: device, phase1: TICKETS }, 3);
    expect(run.answers.map(({ resumed }) => resumed)).toEqual([false, true, true]);
    expect([run.succeeded, ends()]).toMatchObject([
      true,
      [accepted(tls, false), accepted(tls, true), accepted(tls, true)],
    ]);
  });

  test("refuses a certificate of another authority", async () => {
    const rogue = await (await createAuthority("Rogue")).issue({ commonName: "mac-01" });
    const run = await authenticate(ec.context, { tls, certificate: rogue });
    expect([run.succeeded, run.answers]).toMatchObject([false, [{ code: "Access-Reject" }]]);
    expect(ends()).toMatchObject([{ kind: "reject", failure: { reason: "unknownAuthority" } }]);
  });

  test("refuses a server's certificate from a client", async () => {
    const run = await authenticate(ec.context, { tls, certificate: ec.server });
    expect([run.succeeded, ends()]).toMatchObject([false, [{ kind: "reject", failure: { reason: "wrongPurpose" } }]]);
  });

  test("names a client that does not trust this server", async () => {
    const run = await authenticate(ec.context, { tls, certificate: device, caPem: rsa.authority.certificatePem });
    expect([run.succeeded, ends()]).toMatchObject([
      false,
      [{ kind: "reject", failure: { reason: "serverNotTrusted" } }],
    ]);
  });
});

test("behaviour 8.1: resumed by session id over TLS 1.2, by a client that keeps no tickets", async () => {
  const run = await authenticate(ec.context, { tls: "TLSv1.2", certificate: device }, 3);
  expect(run.answers.map(({ resumed }) => resumed)).toEqual([false, true, true]);
  expect([run.succeeded, ends()]).toMatchObject([
    true,
    [accepted("TLSv1.2", false), accepted("TLSv1.2", true), accepted("TLSv1.2", true)],
  ]);
});

describe.each(VERSIONS)("EAP-TTLS over %s", (tls) => {
  const context = (): EapContext => ({
    ...ec.context,
    checkPassword: async (name, password) =>
      name === "amy" && reveal(password) === "correct horse"
        ? { kind: "right", labels: ["staff"] }
        : { kind: "wrong", sentence: "Wrong." },
  });
  const amy = { identity: "amy", anonymous_identity: "anonymous", password: "correct horse", phase2: "auth=PAP" };
  const welcomed = {
    kind: "accept",
    evidence: { method: "EAP-TTLS", identity: "anonymous", tlsVersion: tls, userName: "amy", userLabels: ["staff"] },
  };

  test.each([100, 1_400])("behaviour 8.1: PAP, in fragments of %p, never resumed", async (fragment_size) => {
    const client = { tls, method: "TTLS", network: { ...amy, fragment_size }, phase1: TICKETS } as const;
    const run = await authenticate(context(), client, 2);
    expect(run.answers.map(({ resumed }) => resumed)).toEqual([false, false]);
    expect([run.succeeded, ends()]).toMatchObject([true, [welcomed, welcomed]]);
  });

  test.each([
    ["a wrong password", { password: "guess" }, "passwordWrong"],
    ["MSCHAPv2 inside", { phase2: "auth=MSCHAPV2" }, "innerMethodRefused"],
    ["EAP inside", { phase2: "autheap=MD5" }, "innerMethodRefused"],
  ])("refuses %s", async (_name, change, reason) => {
    const run = await authenticate(context(), { tls, method: "TTLS", network: { ...amy, ...change } });
    expect([run.succeeded, ends()]).toMatchObject([
      false,
      [{ kind: "reject", method: "EAP-TTLS", identity: "anonymous", failure: { reason } }],
    ]);
  });
});

test("a client that speaks only PEAP is refused, and told apart", async () => {
  const network = { identity: "amy", password: "secret", phase2: "auth=MSCHAPV2" };
  const run = await authenticate(ec.context, { tls: "TLSv1.3", method: "PEAP", network });
  expect([run.succeeded, ends()]).toMatchObject([false, [{ kind: "reject", failure: { reason: "methodRefused" } }]]);
});
