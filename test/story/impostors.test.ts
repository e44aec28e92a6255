import { randomUUID } from "node:crypto";
import { VLANS } from "../../cli/sandbox/cast.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority } from "../../simulators/certificates.ts";
import type { CertifiedClient, FleetClient } from "../../simulators/fleet/client.ts";
import type { EapolNas } from "../support/eapol-nas.ts";
import type { TlsVersion } from "../support/eapol-test.ts";
import { certifiedClient, openStage, until } from "./stage.ts";
import type { Laptop, Stage, TimelineEvent } from "./stage.ts";

let stage: Stage;
let stranger: Authority;
beforeAll(async () => {
  [stage, stranger] = await Promise.all([openStage(), createAuthority("A Stranger's CA")]);
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const { corporate, quarantine } = VLANS;

/** What is shown in place of the laptop's own certificate, each with its device id, and the event that tells of it. */
const FORGERIES = [
  {
    title: "a certificate of another authority",
    reason: "unknownAuthority",
    type: "NAC_CLIENT_CERT_CHECK_FAILURE",
    text: /the organization does not trust/,
    forge: ({ client, udid }: Laptop) => present(client, { sanDns: [udid] }, stranger),
  },
  {
    title: "a server's certificate",
    reason: "wrongPurpose",
    type: "NAC_CLIENT_CERT_CHECK_FAILURE",
    text: /client authentication/,
    forge: ({ client, udid }: Laptop) => present(client, { sanDns: [udid], eku: "server" }),
  },
  {
    title: "an expired certificate",
    reason: "certificateExpired",
    type: "NAC_CLIENT_CERT_EXPIRED",
    text: /expired/,
    forge: ({ client, udid }: Laptop) => present(client, { sanDns: [udid], ...LAST_HOUR }),
  },
  {
    title: "a client that trusts other servers only",
    reason: "serverNotTrusted",
    type: "NAC_SERVER_CERT_VALIDATION_FAILURE",
    text: /does not trust this server/,
    forge: async ({ client }: Laptop) => ({ ...client, trustedCas: [stranger.certificatePem] }),
  },
] as const;

const LAST_HOUR = { notBefore: Date.now() - 2 * HOUR_MS, notAfter: Date.now() - HOUR_MS };

function present({ mac, name }: CertifiedClient, wish: object, issuer = stage.authority): Promise<CertifiedClient> {
  return certifiedClient(stage.authority, mac, { commonName: name, ...wish }, issuer);
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (tls) => {
  test.each(FORGERIES)(
    "behaviour 2.1: $title: refused, its event says why, and it is nobody's client",
    async (forgery) => {
      const nas = await stage.nas("cisco", tls);
      const laptop = await stage.laptop("jamf", "device id");
      const { mac } = laptop.client;
      expect(await nas.connect(await forgery.forge(laptop))).toMatchObject({ kind: "rejected" });
      const { type, reason, text } = forgery;
      const [told, ...more] = await stage.timelineOf(mac);
      expect(told).toMatchObject({ type, reason, auth_type: "eap-tls" });
      expect(told?.text).toMatch(text);
      expect(more).toEqual([]);
      expect(await stage.api.find(`/nac_clients/${mac}`)).toBeUndefined();
      expect(nas.vlanOf(mac)).toBeUndefined();
    },
  );

  test.each(["device id", "nothing"] as const)(
    "behaviour 1.2: a laptop's MAC address, borrowed for MAC authentication, is quarantined (its certificate names: %s)",
    async (names) => {
      const { home, laptop } = await compliantLaptop(tls, names);
      const { mac } = laptop.client;
      const borrower: FleetClient = { kind: "mab", name: "a borrower", mac, port: "wired" };
      const elsewhere = await stage.nas("cisco", tls);
      expect(await elsewhere.connect(borrower)).toMatchObject(inQuarantine);
      expect(await decidedOnLookUp(elsewhere, borrower)).toMatchObject({
        auth_type: "mab",
        identity: `mac:${mac}`,
        mdm_compliance_reason: "macAuthentication",
      });
      expect(await stage.timelineOf(mac)).toContainEqual(
        expect.objectContaining({ identity: `mac:${mac}`, mdm_provider: "jamf", mdm_compliance: "compliant" }),
      );
      expect(new Set(elsewhere.storyOf(mac))).toEqual(new Set([`connect: VLAN ${quarantine}`]));
      expect(home.vlanOf(mac)).toBe(corporate);
    },
    60_000,
  );

  test("behaviour 1.3: a laptop's MAC address, borrowed with another device's certificate, is quarantined", async () => {
    const { home, laptop } = await compliantLaptop(tls, "device id");
    const { mac } = laptop.client;
    const otherId = randomUUID();
    const other = await present(laptop.client, { sanDns: [otherId] });
    const elsewhere = await stage.nas("cisco", tls);
    expect(await elsewhere.connect(other)).toMatchObject(inQuarantine);
    // No MDM knows the other device; the address would find a record, which names the laptop.
    expect(await decidedOnLookUp(elsewhere, other)).toMatchObject({
      identity: `device:${otherId.replaceAll("-", "")}`,
      mdm_compliance_reason: "notEnrolled",
    });
    expect(new Set(elsewhere.storyOf(mac))).toEqual(new Set([`connect: VLAN ${quarantine}`]));
    expect(home.vlanOf(mac)).toBe(corporate);
    expect(await home.connect(laptop.client)).toMatchObject({ authorization: { vlan: corporate } });
  }, 60_000);
});

const inQuarantine = { kind: "accepted", authorization: { vlan: quarantine } };

/** One that has found its way to the corporate network. */
async function compliantLaptop(
  tls: TlsVersion,
  names: "device id" | "nothing",
): Promise<{ readonly home: EapolNas; readonly laptop: Laptop }> {
  const home = await stage.nas("cisco", tls);
  const laptop = await stage.laptop("jamf", names);
  await home.connect(laptop.client);
  await until(() => home.vlanOf(laptop.client.mac) === corporate);
  return { home, laptop };
}

/** The client comes back until it is decided with an MDM's answer in hand; what the timeline says of that. */
async function decidedOnLookUp(nas: EapolNas, client: FleetClient): Promise<TimelineEvent> {
  let latest: TimelineEvent | undefined;
  await until(async () => {
    await nas.connect(client);
    latest = (await stage.timelineOf(client.mac)).findLast(({ type }) => type === "NAC_CLIENT_PERMIT");
    return Number(latest?.["verdict_revision"]) > 0;
  });
  return latest!;
}
