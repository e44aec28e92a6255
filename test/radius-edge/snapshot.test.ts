import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { identityKey } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { createDiskMetrics } from "../../radius-edge/snapshot/disk-metrics.ts";
import { openDiskSnapshot } from "../../radius-edge/snapshot/disk-snapshot.ts";
import { openSnapshot } from "../../radius-edge/snapshot.ts";
import type { Snapshot } from "../../radius-edge/snapshot.ts";
import { unopenedOf } from "../../radius-edge/unopened.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { createDirectory } from "../../store/directories.ts";
import { noteShown } from "../../store/intermediates.ts";
import { createLocalUser } from "../../store/local-users.ts";
import { createNas } from "../../store/nases.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import type { Seals } from "../../store/seals.ts";
import { writeSetting } from "../../store/settings.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { DIRECTORY, verdict } from "../support/domain-values.ts";
import { underLostKey } from "../support/lost-key.ts";
import { openProxy } from "../support/severable-proxy.ts";
import type { SeverableProxy } from "../support/severable-proxy.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

/** Less than the 30 s between two resyncs: what comes within it was told of, or read again after a loss. */
const BEFORE_RESYNC_MS = 25 * SECOND_MS;

/** Writes as workers and the API do, past the network that fails. */
let writer: TestStore;
/** The edge's own. */
let store: Store;
let network: SeverableProxy;
let snapshot: Snapshot;
let organizationId: OrganizationId;
let folder: string;
let macs = 0;

beforeAll(async () => {
  writer = await openTestStore();
  const direct = new URL(writer.databaseUrl);
  network = await openProxy({ host: direct.hostname, port: Number(direct.port) });
  const throughProxy = new URL(writer.databaseUrl);
  throughProxy.host = `127.0.0.1:${network.port}`;
  const log = createLog("edge", "silent");
  store = openStore({ databaseUrl: throughProxy.href, seals: writer.seals, log });
  organizationId = await newOrganization(writer);
  folder = await mkdtemp(join(tmpdir(), "portcullis-snapshot-"));
  snapshot = await openSnapshot({
    store,
    databaseUrl: throughProxy.href,
    disk: openDiskSnapshot(folder, [randomBytes(32)]),
    metrics: createDiskMetrics(createMetrics("edge")),
    checkKey: () => Promise.resolve(),
    resumptionSecret: randomBytes(32),
    log,
  });
});
afterAll(async () => {
  await snapshot.close();
  await store.close();
  await network.sever();
  await writer.close();
  await rm(folder, { recursive: true });
});

const newIdentity = (): IdentityKey =>
  identityKey({ kind: "mac", mac: parseMac(`a4:83:e7:00:50:${String(++macs).padStart(2, "0")}`)! });

const hold = (identity: IdentityKey): Promise<number> =>
  storeVerdict(writer, organizationId, identity, { verdict: verdict(), changed: true });

const statusOf = (identity: IdentityKey): string | undefined =>
  snapshot.organization(organizationId).policy.verdictOf(identity)?.status;

async function revisionOf(organization: OrganizationId): Promise<number> {
  const row = writer.db.selectFrom("organizations").select("revision").where("id", "=", organization);
  return (await row.executeTakeFirstOrThrow()).revision;
}

test("a changed verdict is heard of, and held at the revision that it was stored under", async () => {
  const identity = newIdentity();
  const before = snapshot.revisions[organizationId]!;
  const revision = await hold(identity);
  expect(revision).toBeGreaterThan(before);
  expect(await snapshot.waitFor(organizationId, revision, BEFORE_RESYNC_MS)).toBe(true);
  expect(statusOf(identity)).toBe("compliant");
  expect(snapshot.revisions[organizationId]).toBe(revision);
});

test("an organization and its NAS are found as soon as they are there, and nobody else's address is", async () => {
  const other = await newOrganization(writer, "Newcomer");
  const nas = { name: "core", address: "192.0.2.0/24", secret: secret("of-the-newcomer"), profile: "standard" };
  const saved = await createNas(writer, other, { ...nas, coaPort: 3799 });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  expect(await snapshot.waitFor(other, await revisionOf(other), BEFORE_RESYNC_MS)).toBe(true);
  expect(snapshot.findNas("192.0.2.7", () => undefined)).toMatchObject({ id: saved.nas.id, organizationId: other });
  expect(snapshot.findNas("192.0.3.7", () => undefined)).toBeUndefined();
});

test("waiting for a revision that does not come ends, and so does that for an organization that is not there", async () => {
  const beyond = snapshot.revisions[organizationId]! + 1;
  expect(await snapshot.waitFor(organizationId, beyond, 20)).toBe(false);
  const nobody = "0198b5a0-0000-7000-8000-00000000dead" as OrganizationId;
  expect(await snapshot.waitFor(nobody, 0, 20)).toBe(false);
  expect(() => snapshot.organization(nobody)).toThrow(RangeError);
});

test("cut off from Postgres it serves what it held; back again it reads what it missed, verdicts and NASes", async () => {
  const known = newIdentity();
  await snapshot.waitFor(organizationId, await hold(known), BEFORE_RESYNC_MS);
  await network.sever();
  const missed = newIdentity();
  await hold(missed);
  const nas = { name: "new", address: "198.51.100.9", secret: secret("told-while-away"), profile: "standard" };
  const saved = await createNas(writer, organizationId, { ...nas, coaPort: 3799 });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  const revision = await hold(newIdentity());
  expect(await snapshot.waitFor(organizationId, revision, 200)).toBe(false);
  expect([statusOf(known), statusOf(missed)]).toEqual(["compliant", undefined]);
  await network.mend();
  expect(await snapshot.waitFor(organizationId, revision, BEFORE_RESYNC_MS)).toBe(true);
  expect(statusOf(missed)).toBe("compliant");
  expect(snapshot.findNas("198.51.100.9", () => undefined)?.id).toBe(saved.nas.id);
});

test("a changed verdict does not make policy, setting and NASes be read again; a new NAS does", async () => {
  await snapshot.waitFor(organizationId, await revisionOf(organizationId), BEFORE_RESYNC_MS);
  const before = snapshot.organization(organizationId);
  await snapshot.waitFor(organizationId, await hold(newIdentity()), BEFORE_RESYNC_MS);
  const after = snapshot.organization(organizationId);
  expect(after.revision).toBeGreaterThan(before.revision);
  expect(after.policy).toBe(before.policy);
  expect(after.settings).toBe(before.settings);
  expect(after.nases).toBe(before.nases);
  await createNas(writer, organizationId, {
    name: "more",
    address: "198.51.100.10",
    secret: secret("s"),
    profile: "standard",
  });
  await snapshot.waitFor(organizationId, await revisionOf(organizationId), BEFORE_RESYNC_MS);
  expect(snapshot.organization(organizationId).nases).not.toBe(before.nases);
});

test("a database that was restored to an older state is believed, and what it does not hold forgotten", async () => {
  const [kept, lost] = [newIdentity(), newIdentity()];
  await hold(kept);
  await snapshot.waitFor(organizationId, await hold(lost), BEFORE_RESYNC_MS);
  expect(statusOf(lost)).toBe("compliant");
  await network.sever();
  await sql`delete from verdicts where identity = ${lost}`.execute(writer.db);
  await sql`update organizations set revision = revision - 1 where id = ${organizationId}`.execute(writer.db);
  await network.mend();
  while (statusOf(lost) !== undefined) await sleep(20);
  expect(statusOf(kept)).toBe("compliant");
  expect(snapshot.revisions[organizationId]).toBe(await revisionOf(organizationId));
});

test("an older state that knows no local users and no CRLs leaves the edge none", async () => {
  const user = { name: "ada", passwordHash: secret("the hash"), labels: [] };
  expect(await createLocalUser(writer, organizationId, user)).toMatchObject({ kind: "ok" });
  const shown = { intermediates: new Map([["fingerprint", Buffer.from("an authority")]]), crlUrls: [] };
  await noteShown(writer, organizationId, shown);
  await snapshot.waitFor(organizationId, await revisionOf(organizationId), BEFORE_RESYNC_MS);
  expect(snapshot.organization(organizationId).people.users.has("ada")).toBe(true);
  expect(snapshot.organization(organizationId).revocation.intermediates).toHaveLength(1);
  await network.sever();
  await sql`delete from local_users where organization_id = ${organizationId}`.execute(writer.db);
  await sql`delete from intermediate_authorities where organization_id = ${organizationId}`.execute(writer.db);
  await sql`
    update organizations set revision = revision - 2, people_revision = 0, revocation_revision = 0
    where id = ${organizationId}
  `.execute(writer.db);
  await network.mend();
  while (snapshot.revisions[organizationId] !== (await revisionOf(organizationId))) await sleep(20);
  expect(snapshot.organization(organizationId).people.users.size).toBe(0);
  expect(snapshot.organization(organizationId).revocation.intermediates).toHaveLength(0);
});

test("behaviour 10.1: an edge whose disk takes no snapshot and gives none goes on with Postgres, and counts it", async () => {
  const nowhere = join(folder, "file");
  await writeFile(nowhere, "no folder");
  const registry = createMetrics("edge");
  const counted = async () =>
    (await registry.getSingleMetricAsString("portcullis_edge_snapshot_faults_total")).split("\n");
  const other = await openSnapshot({
    store: writer,
    databaseUrl: writer.databaseUrl,
    disk: openDiskSnapshot(join(nowhere, "snapshot"), [randomBytes(32)]),
    metrics: createDiskMetrics(registry),
    checkKey: () => Promise.resolve(),
    resumptionSecret: randomBytes(32),
    log: createLog("edge", "silent"),
  });
  expect(other.organization(organizationId).organizationId).toBe(organizationId);
  expect(await counted()).toContainEqual(expect.stringMatching(/to="read".* 1$/) as string);
  await other.close();
  expect(await counted()).toContainEqual(expect.stringMatching(/to="write".* [1-9]\d*$/) as string);
});

test("an edge that starts from its disk once a lost key is back opens what it lacked, though nothing has changed", async () => {
  const organization = await newOrganization(writer, "Keyless");
  const lost = underLostKey(writer);
  const nas = { name: "lost", address: "203.0.113.9", secret: secret("of-the-lost-one"), profile: "standard" };
  await createNas(lost, organization, nas);
  await createDirectory(lost, organization, DIRECTORY);
  await writeSetting(lost, organization, { setting: {}, serverKey: secret("a key") });
  const key = randomBytes(32);
  const start = (seals: Seals): Promise<Snapshot> =>
    openSnapshot({
      store: { ...writer, seals },
      databaseUrl: writer.databaseUrl,
      disk: openDiskSnapshot(join(folder, "lost-key"), [key]),
      metrics: createDiskMetrics(createMetrics("edge")),
      checkKey: () => Promise.resolve(),
      resumptionSecret: randomBytes(32),
      log: createLog("edge", "silent"),
    });
  const without = await start(writer.seals);
  expect(unopenedOf(without.organization(organization))).toEqual({
    nases: [expect.stringContaining('NAS "lost" is not answered: the secret of nas:')],
    directories: [expect.stringContaining('directory "Head office" is not asked: the secret of directory:')],
    serverKeys: [expect.stringMatching(/^EAP is refused, or goes on .*: the secret of settings:/)],
  });
  await without.close();
  const open: Seals["open"] = (...sealed) => writer.seals.open(...sealed).catch(() => lost.seals.open(...sealed));
  const restored = await start({ ...writer.seals, open });
  const nothing = JSON.stringify({ nases: [], directories: [], serverKeys: [] });
  while (JSON.stringify(unopenedOf(restored.organization(organization))) !== nothing) await sleep(20);
  expect(restored.findNas("203.0.113.9", () => undefined)?.name).toBe("lost");
  await restored.close();
});
