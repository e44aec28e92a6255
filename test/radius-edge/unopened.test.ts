import type { DirectoryId, NasId, OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import { HOUR_MS } from "../../domain/time.ts";
import { writeCallingStationId, writeServiceType, writeUserName } from "../../radius-edge/wire/attribute-writers.ts";
import { hashPassword } from "../../runtime/password-hash.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { AccessOutcome } from "../../simulators/fleet/access.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { createDirectory, updateDirectory } from "../../store/directories.ts";
import { searchEvents } from "../../store/events.ts";
import { createLocalUser } from "../../store/local-users.ts";
import { createNas, findUnopened, updateNas } from "../../store/nases.ts";
import type { Store } from "../../store/pool.ts";
import { readSetting, writeSetting } from "../../store/settings.ts";
import { eventually, metricOf } from "../fuzz/edge-under-fire.ts";
import { DIRECTORY } from "../support/domain-values.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { underLostKey } from "../support/lost-key.ts";
import { createSite } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";

const MAC = "A4-83-E7-00-90-01";
const LOST = { name: "lost", profile: "cisco", address: "127.0.0.95", secret: secret("sealed under a lost key") };
let running: TestEdge;
let site: Site;
/** Has its NAS `lost`, and a directory that is. */
let acme: OrganizationId;
/** Has its server key lost. */
let keyless: OrganizationId;
let lost: NasId;
let directory: DirectoryId;

beforeAll(async () => {
  site = await createSite();
  running = await startTestEdge(async (store) => {
    acme = await createTenant(store, { name: "Acme", site, nasAddress: "127.0.0.94", rules: [{ gives: [] }] });
    const nas = await createNas(underLostKey(store), acme, LOST);
    if (nas.kind !== "ok") throw new Error(nas.kind);
    lost = nas.nas.id;
    const passwordHash = await hashPassword(secret("correct horse"));
    await createLocalUser(store, acme, { name: "amy", passwordHash, labels: [] });
    const saved = await createDirectory(underLostKey(store), acme, DIRECTORY);
    if (saved.kind !== "ok") throw new Error(saved.kind);
    directory = saved.directory.id;
    keyless = await createTenant(store, { name: "Keyless", site, nasAddress: "127.0.0.98", rules: [{ gives: [] }] });
    await giveServerKey(underLostKey(store));
  });
}, 60_000);
afterAll(() => running.close());

async function giveServerKey(store: Store): Promise<void> {
  const { setting } = await readSetting(store, keyless);
  await writeSetting(store, keyless, { setting, serverKey: secret(site.server.keyPem) });
}

async function codeFrom(address: string, shared = NAS_SECRET): Promise<string | undefined> {
  const client = await openRadiusClient({ address, secret: shared });
  try {
    const attributes = [writeUserName(MAC), writeCallingStationId(MAC), writeServiceType(10)];
    return (await client.ask(running.edge.authentication, "Access-Request", attributes))?.packet.code;
  } finally {
    client.close();
  }
}

async function connect(address: string, name: string): Promise<AccessOutcome["kind"]> {
  const radius = await openRadiusClient({ address, secret: NAS_SECRET });
  const user = { name, password: "correct horse" };
  const trustedCas = [site.authority.certificatePem];
  const client = { kind: "eap-ttls", name: "laptop", mac: parseMac(MAC)!, port: "wireless", identity: "a" } as const;
  try {
    const outcome = await authenticate({ ...client, user, trustedCas }, [writeCallingStationId(MAC)], {
      secret: NAS_SECRET,
      ask: (attributes) => radius.ask(running.edge.authentication, "Access-Request", attributes),
    });
    return outcome.kind;
  } finally {
    radius.close();
  }
}

async function lastText(organizationId: OrganizationId): Promise<string> {
  const within = { start: Date.now() - HOUR_MS, end: Date.now() + HOUR_MS, limit: 1 };
  return (await searchEvents(running.store, organizationId, within)).events[0]!.text;
}

test("a NAS whose secret no key opens is left out and told, the others are answered, and a new secret is the way out", async () => {
  expect(await codeFrom("127.0.0.94")).toBe("Access-Accept");
  expect(await metricOf(running, "portcullis_nases_unopened")).toBe(1);
  expect(await findUnopened(running.store, [lost])).toEqual([
    {
      id: lost,
      name: "lost",
      sentence: expect.stringMatching(/^the secret of nas:.*set the secrets of the NAS/) as string,
    },
  ]);
  const renewed = { ...LOST, secret: secret("a new shared secret"), previousSecretExpiresAt: Date.now() + 3_600_000 };
  expect(await updateNas(running.store, acme, lost, () => renewed)).toMatchObject({
    kind: "ok",
    nas: { previousSecretExpiresAt: undefined },
  });
  await eventually(async () => (await metricOf(running, "portcullis_nases_unopened")) === 0);
  expect(await codeFrom("127.0.0.95", renewed.secret)).toBe("Access-Accept");
});

test("behaviour 8.4: a directory whose bind password no key opens is not asked, and says why; local users get in", async () => {
  expect(await connect("127.0.0.94", "amy")).toBe("accepted");
  expect(await connect("127.0.0.94", "ada")).toBe("rejected");
  expect(await lastText(acme)).toMatch(/"Head office" cannot be asked: the secret of directory:.*bind password.*anew/);
  expect(await metricOf(running, "portcullis_directories_unopened")).toBe(1);
  await updateDirectory(running.store, acme, directory, (current) => ({ ...current, bindPassword: secret("new") }));
  await eventually(async () => (await metricOf(running, "portcullis_directories_unopened")) === 0);
  expect(await connect("127.0.0.94", "ada")).toBe("rejected");
  expect(await lastText(acme)).toMatch(/"Head office" cannot be asked: 127\.0\.0\.1:9/);
});

test("a server key that no key opens costs EAP alone, which is refused with the reason until there is a new one", async () => {
  expect(await codeFrom("127.0.0.98")).toBe("Access-Accept");
  expect(await connect("127.0.0.98", "amy")).toBe("rejected");
  expect(await lastText(keyless)).toMatch(/server key cannot be used: the secret of settings:.*server_cert anew/);
  expect(await metricOf(running, "portcullis_server_keys_unopened")).toBe(1);
  await giveServerKey(running.store);
  await eventually(async () => (await metricOf(running, "portcullis_server_keys_unopened")) === 0);
  await connect("127.0.0.98", "amy");
  expect(await lastText(keyless)).not.toContain("server key");
});
