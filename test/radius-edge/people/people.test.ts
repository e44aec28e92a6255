import type { OrganizationId } from "../../../domain/identifiers.ts";
import { parseMac } from "../../../domain/mac-address.ts";
import { secret } from "../../../domain/secret.ts";
import { HOUR_MS } from "../../../domain/time.ts";
import { writeCallingStationId } from "../../../radius-edge/wire/attribute-writers.ts";
import { hashPassword } from "../../../runtime/password-hash.ts";
import { authenticate } from "../../../simulators/fleet/access.ts";
import type { AccessOutcome } from "../../../simulators/fleet/access.ts";
import { openRadiusClient } from "../../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../../simulators/fleet/radius-client.ts";
import { createDirectory, listDirectories, updateDirectory } from "../../../store/directories.ts";
import { searchEvents } from "../../../store/events.ts";
import { createLabel } from "../../../store/labels.ts";
import { createLocalUser, deleteLocalUser, listLocalUsers } from "../../../store/local-users.ts";
import type { Store } from "../../../store/pool.ts";
import { createRule } from "../../../store/rules.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";
import { AS_READER, startSlapd, SUFFIX } from "../../support/slapd.ts";
import type { Slapd } from "../../support/slapd.ts";
import { createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";

const MAC = parseMac("a4:83:e7:00:44:01")!;
const SLAPD_HERE = { PORTCULLIS_MDM_ALLOWED_NETWORKS: "127.0.0.0/8,::1" };
const NAS_ADDRESS = "127.0.0.81";
let site: Site;
let slapd: Slapd;
let running: TestEdge;
let organizationId: OrganizationId;
let radius: RadiusClient;

/** Staff get VLAN 20 and guests VLAN 30, by the labels of a local user or the groups of a directory's; nobody else gets in. */
beforeAll(async () => {
  site = await createSite();
  slapd = await startSlapd(await site.authority.issue({ commonName: "ldap", sanDns: ["localhost"], eku: "server" }));
  running = await startTestEdge(async (store) => {
    organizationId = await createTenant(store, { name: "Acme", site, nasAddress: NAS_ADDRESS, rules: [] });
    await allow(store, "Wi-Fi staff", "20");
    await allow(store, "guest", "30");
    const passwordHash = await hashPassword(secret("correct horse"));
    await createLocalUser(store, organizationId, { name: "Amy", passwordHash, labels: ["guest"] });
    await createDirectory(store, organizationId, directory());
  }, SLAPD_HERE);
  radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET, firstRetryMs: 200 });
}, 60_000);
afterAll(async () => {
  radius?.close();
  await running?.close();
  await slapd?.remove();
});

async function allow(store: Store, role: string, vlan: string): Promise<void> {
  const match = { type: "match", name: role, match: "idp_role", values: [role], matchAll: false } as const;
  const labels = [match, { type: "vlan", name: `VLAN ${vlan}`, values: [vlan] } as const];
  const [who, where] = await Promise.all(labels.map((draft) => createLabel(store, organizationId, draft)));
  if (who?.kind !== "ok" || where?.kind !== "ok") throw new Error("a label was refused");
  await createRule(store, organizationId, {
    name: role,
    order: 0,
    enabled: true,
    action: "allow",
    matching: { labels: [who.label.id], fields: {} },
    notMatching: { labels: [], fields: {} },
    applyLabels: [where.label.id],
  });
}

function directory() {
  return {
    name: "Head office",
    type: "custom",
    hosts: [`localhost:${slapd.ports.ldaps}`],
    ...AS_READER,
    cacerts: [site.authority.certificatePem],
    whenDown: "reject",
  } as const;
}

function connect(name: string, password: string): Promise<AccessOutcome> {
  const client = {
    kind: "eap-ttls",
    name: "laptop",
    mac: MAC,
    port: "wireless",
    identity: "anonymous",
    user: { name, password },
    trustedCas: [site.authority.certificatePem],
  } as const;
  return authenticate(client, [writeCallingStationId(MAC)], {
    secret: NAS_SECRET,
    ask: (attributes) => radius.ask(running.edge.authentication, "Access-Request", attributes),
  });
}

/** An edge hears of changes by notification: what it answers is asked again until it is as wanted. */
async function until(wanted: AccessOutcome["kind"], ask: () => Promise<AccessOutcome>): Promise<void> {
  while ((await ask()).kind !== wanted);
}

async function lastEvent() {
  const within = { start: Date.now() - HOUR_MS, end: Date.now() + HOUR_MS, limit: 1 };
  return (await searchEvents(running.store, organizationId, within)).events[0]!;
}

test("a local user gets what the rules give to the user's labels, and the event names user and labels", async () => {
  expect(await connect("AMY", "correct horse")).toMatchObject({ kind: "accepted", authorization: { vlan: "30" } });
  expect((await lastEvent()).body).toMatchObject({ auth_type: "eap-ttls", username: "AMY", idp_role: ["guest"] });
  expect(await connect("amy", "wrong horse")).toMatchObject({ kind: "rejected" });
  const refusal = await lastEvent();
  expect(refusal).toMatchObject({ type: "NAC_IDP_AUTHC_FAILURE" });
  expect(JSON.stringify(refusal)).not.toContain("horse");
});

test("a directory's user gets what the rules give to the user's groups; a locked one and one without groups get nothing", async () => {
  expect(await connect("ada", "enchantress")).toMatchObject({ kind: "accepted", authorization: { vlan: "20" } });
  expect((await lastEvent()).body).toMatchObject({
    username: "ada",
    idp_role: ["Wi-Fi staff", `cn=Wi-Fi staff,ou=groups,${SUFFIX}`],
  });
  expect(await connect("lou", "locked-out")).toMatchObject({ kind: "rejected" });
  expect(await connect("josé", "contraseña")).toMatchObject({ kind: "rejected" });
  expect(await connect("nobody", "any")).toMatchObject({ kind: "rejected" });
  expect((await lastEvent()).text).toContain('Nobody here is named "nobody"');
});

test("a user who is made or deleted is known or forgotten at the edge without a restart", async () => {
  const passwordHash = await hashPassword(secret("short stay"));
  await createLocalUser(running.store, organizationId, { name: "bob", passwordHash, labels: ["guest"] });
  await until("accepted", () => connect("bob", "short stay"));
  const bob = (await listLocalUsers(running.store, organizationId)).find(({ name }) => name === "bob")!;
  expect(await deleteLocalUser(running.store, organizationId, bob.id)).toBe(true);
  await until("rejected", () => connect("bob", "short stay"));
});

test("behaviour 8.4: while the directory is down its users are rejected, or hear nothing where that is set; never an accept", async () => {
  await slapd.stop();
  try {
    expect(await connect("ada", "enchantress")).toMatchObject({ kind: "rejected" });
    expect(await lastEvent()).toMatchObject({ type: "NAC_IDP_UNREACHABLE" });
    const [listed] = await listDirectories(running.store, organizationId);
    await updateDirectory(running.store, organizationId, listed!.id, (current) => ({
      ...current,
      whenDown: "silence",
    }));
    await until("noAnswer", () => connect("ada", "enchantress"));
    // Local users need no directory.
    expect(await connect("amy", "correct horse")).toMatchObject({ kind: "accepted" });
  } finally {
    await slapd.start();
  }
  await until("accepted", () => connect("ada", "enchantress"));
});

test("behaviour 8.4: whoever guesses at a directory's user is refused unasked after ten passwords, and the event says so", async () => {
  for (let i = 0; i < 10; i++) expect(await connect("ada", `guess ${i}`)).toMatchObject({ kind: "rejected" });
  expect((await lastEvent()).text).toContain("refuses");
  expect(await connect("ada", "enchantress")).toMatchObject({ kind: "rejected" });
  const event = await lastEvent();
  expect(event.type).toBe("NAC_IDP_AUTHC_FAILURE");
  expect(event.text).toMatch(/Too many wrong passwords came for "ada": none is looked at for another \d+ s/);
  await until("accepted", () => connect("ada", "enchantress"));
});
