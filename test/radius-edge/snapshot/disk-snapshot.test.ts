import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IdentityKey } from "../../../domain/identity.ts";
import type { OrganizationId } from "../../../domain/identifiers.ts";
import type { Nas } from "../../../domain/nas.ts";
import { reveal, secret } from "../../../domain/secret.ts";
import { openDiskSnapshot } from "../../../radius-edge/snapshot/disk-snapshot.ts";
import type { DiskSnapshot } from "../../../radius-edge/snapshot/disk-snapshot.ts";
import { nextView } from "../../../radius-edge/organization-view.ts";
import type { OrganizationView } from "../../../radius-edge/organization-view.ts";
import { createVerdictTable } from "../../../radius-edge/snapshot/verdict-table.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { loadChanges } from "../../../store/edge-snapshot.ts";
import { createLocalUser } from "../../../store/local-users.ts";
import { createNas } from "../../../store/nases.ts";
import { storeVerdict } from "../../../store/verdicts.ts";
import { storeCrl } from "../../support/crls.ts";
import { NOW, verdict } from "../../support/domain-values.ts";
import { newId } from "../../support/edge-records.ts";
import { newOrganization, openTestStore } from "../../support/store.ts";
import type { TestStore } from "../../support/store.ts";

const key = randomBytes(32);
const identity = "mac:a483e7112233" as IdentityKey;
let store: TestStore;
let folder: string;
let disk: DiskSnapshot;
let view: OrganizationView;
let refused: string[];
beforeAll(async () => {
  store = await openTestStore();
  const organizationId = await newOrganization(store);
  await createNas(store, organizationId, {
    name: "AP",
    address: "10.9.0.1",
    secret: secret("radius secret"),
    profile: "generic",
  });
  await createLocalUser(store, organizationId, { name: "Ada", passwordHash: secret("a hash"), labels: ["staff"] });
  await storeCrl(store, organizationId, await createAuthority("Acme Devices"));
  await storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });
  const verdicts = createVerdictTable();
  const changes = await loadChanges(store, organizationId, 0, (each) => verdicts.set(each.identity, each.verdict));
  for (let i = 0; i < 9_000; i++) verdicts.set(`mac:0000${String(i).padStart(8, "0")}` as IdentityKey, verdict());
  view = nextView(undefined, changes!, verdicts, { resumptionSecret: randomBytes(32), agesUntil: () => NOW });
});
afterAll(() => store.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-snapshot-"));
  disk = openDiskSnapshot(folder, [key]);
  refused = [];
  await disk.save(view, NOW);
});
afterEach(() => rm(folder, { recursive: true }));

const load = (from = disk) => from.load(({ fault }) => refused.push(fault));
const file = (): string => join(folder, `${view.organizationId}.snapshot`);
const secretsOf = ({ secret: hidden }: Nas): string => reveal(hidden!);

test("behaviour 10.1: what is on the disk is what was in memory, secrets too, and as old as it was", async () => {
  const [stored, ...more] = await load();
  expect(more).toEqual([]);
  const { changes, verdicts, syncedAt } = stored!;
  expect(syncedAt).toBe(NOW);
  expect(changes).toMatchObject({ organizationId: view.organizationId, revision: view.revision });
  expect(changes.configuration!.policy).toEqual(view.policy.policy);
  expect(changes.configuration!.nases.map(secretsOf)).toEqual(["radius secret"]);
  expect(changes.people!.users.get("ada")).toMatchObject({ name: "Ada", labels: ["staff"] });
  expect(reveal(changes.people!.users.get("ada")!.passwordHash)).toBe("a hash");
  expect(changes.revocation!.crls).toHaveLength(1);
  expect(Buffer.compare(changes.revocation!.crls[0]!, view.revocation.crls[0]!)).toBe(0);
  expect(verdicts.size).toBe(9_001);
  expect(verdicts.get(identity)).toEqual(view.policy.verdictOf(identity));
  expect(refused).toEqual([]);
});

test("no secret, address or name is readable in the file, and the file by no other user", async () => {
  const text = (await readFile(file())).toString("latin1");
  for (const word of ["radius secret", "a hash", "10.9.0.1", "Ada", "Compliant"]) expect(text).not.toContain(word);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toHaveLength(1);
});

test("behaviour 10.1: a file sealed with a key that was rotated out of first place is read; one of a lost key is refused", async () => {
  expect(await load(openDiskSnapshot(folder, [randomBytes(32), key]))).toHaveLength(1);
  expect(await load(openDiskSnapshot(folder, [randomBytes(32)]))).toEqual([]);
  expect(refused).toEqual(["wrongKey"]);
});

test("behaviour 10.1: a file that was changed anywhere, or cut short anywhere, is refused", async () => {
  const bytes = await readFile(file());
  const places = [45, 1_000, Math.floor(bytes.length / 2), bytes.length - 1];
  for (const place of places) {
    await writeFile(
      file(),
      bytes.map((octet, at) => (at === place ? octet ^ 1 : octet)),
    );
    expect(await load()).toEqual([]);
    await writeFile(file(), bytes.subarray(0, place));
    expect(await load()).toEqual([]);
  }
  expect(new Set(refused)).toEqual(new Set(["damaged"]));
});

test("a file that ends behind a whole chunk is refused: verdicts cannot be cut off", async () => {
  const head = 8 + 16 + 16;
  const bytes = await readFile(file());
  const firstEnd = head + 4 + bytes.readUInt32LE(head) + 16;
  await truncate(file(), firstEnd);
  expect(await load()).toEqual([]);
  await truncate(file(), head);
  expect(await load()).toEqual([]);
  expect(refused).toEqual(["damaged", "damaged"]);
});

test("a file of another version, and one under another organization's name, are refused", async () => {
  const other = newId<OrganizationId>();
  await rename(file(), join(folder, `${other}.snapshot`));
  expect(await load()).toEqual([]);
  await writeFile(join(folder, `${other}.snapshot`), "pcsnap99".padEnd(100, "."));
  expect(await load()).toEqual([]);
  expect(refused).toEqual(["damaged", "unknownFormat"]);
});

test("what is still right is only marked so, and what is gone is forgotten", async () => {
  const before = await readFile(file());
  await disk.confirm(view.organizationId, NOW + 5_000);
  expect((await load())[0]!.syncedAt).toBe(NOW + 5_000);
  expect(await readFile(file())).toEqual(before);
  await disk.remove(view.organizationId);
  expect(await load()).toEqual([]);
});

test("behaviour 10.1: what the system does not let be read is refused by name, one file or the whole folder", async () => {
  await rm(file());
  await mkdir(file());
  expect(await load()).toEqual([]);
  await rm(folder, { recursive: true });
  await writeFile(folder, "no folder");
  expect(await load()).toEqual([]);
  expect(refused).toEqual(["unreadable", "unreadable"]);
  await expect(disk.save(view, NOW)).rejects.toThrow("EEXIST");
});
