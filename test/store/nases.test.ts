import { reveal, secret } from "../../domain/secret.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { findOrganization } from "../../store/organizations.ts";
import { createNas, deleteNas, findNas, listNases, loadNases, updateNas } from "../../store/nases.ts";
import type { NasDraft } from "../../store/nas-columns.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
let network = 0;
let prefix: string;
beforeEach(async () => {
  organizationId = await newOrganization(store);
  prefix = `10.${++network}`; // addresses are unique per installation, so each test has its own
});

function draft(address: string, change: Partial<NasDraft> = {}): NasDraft {
  return { name: "AP", address, secret: secret("radius secret"), profile: "generic", ...change };
}

const create = (address: string, change: Partial<NasDraft> = {}, of = organizationId) =>
  createNas(store, of, draft(address, change));

async function created(address: string, change: Partial<NasDraft> = {}, of = organizationId) {
  const result = await create(address, change, of);
  if (result.kind !== "ok") throw new Error(`refused: ${result.kind}`);
  return result.nas;
}

test("a NAS is stored with canonical addresses and its secret sealed", async () => {
  const nas = await created(`${prefix}.0.0/16`, { coaAddress: `${prefix}.0.9`, nasIdentifier: "core" });
  expect(nas).toMatchObject({
    organizationId,
    address: `${prefix}.0.0/16`,
    nasIdentifier: "core",
    coaAddress: `${prefix}.0.9`,
    coaPort: undefined,
    siteId: undefined,
  });
  expect(nas).not.toHaveProperty("secret");
  expect(await findNas(store, organizationId, nas.id)).toEqual(nas);
  const [loaded] = await loadNases(store, [organizationId]);
  expect(reveal(loaded!.secret!)).toBe("radius secret");
  const rows = await store.db.selectFrom("nases").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain("radius secret");
  expect(await loadNases(store, [])).toEqual([]);
});

test.each([
  ["192.0.2.1", "192.0.2.1/32"],
  ["::ffff:192.0.2.2", "192.0.2.2/32"],
  ["::ffff:198.51.100.0/120", "198.51.100.0/24"],
  ["2001:DB8:0::/48", "2001:db8::/48"],
])("address %s is %s", async (given, canonical) => {
  expect((await created(given)).address).toBe(canonical);
});

test.each(["", "ap.example", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.1\0"])("address %j is refused", async (address) => {
  expect(await create(address)).toEqual({
    kind: "invalidAddress",
    message: `address "${address}" is not an IP address or prefix`,
  });
});

test("a coa_address is one host", async () => {
  expect(await create(`${prefix}.0.1`, { coaAddress: `${prefix}.0.0/24` })).toMatchObject({ kind: "invalidAddress" });
});

test("behaviour 8.1: an address or prefix that overlaps another organization's is refused, either way around", async () => {
  const other = await newOrganization(store, "Other");
  await created(`${prefix}.8.0/24`);
  for (const address of [`${prefix}.8.0/24`, `${prefix}.8.7`, `${prefix}.0.0/16`]) {
    expect(await create(address, { nasIdentifier: "mine" }, other)).toEqual({
      kind: "overlap",
      address: address.includes("/") ? address : `${address}/32`,
    });
  }
  const beside = await created(`${prefix}.9.0/24`, {}, other);
  expect(await updateNas(store, other, beside.id, () => draft(`${prefix}.8.128/25`))).toEqual({
    kind: "overlap",
    address: `${prefix}.8.128/25`,
  });
});

test("behaviour 8.1: a RadSec identity is claimed once in the installation, however it is written", async () => {
  const other = await newOrganization(store, "Other");
  const claim = (san: string, of = organizationId) =>
    createNas(store, of, { name: "AP", profile: "generic", radsec: { issuer: `CN=${prefix}`, san } });
  expect(await claim("ap.example")).toMatchObject({ kind: "ok", nas: { address: undefined } });
  expect(await claim("2001:DB8:0::8")).toMatchObject({ kind: "ok", nas: { radsec: { san: "2001:db8::8" } } });
  for (const san of ["AP.example", "2001:db8::0:8"]) {
    expect(await claim(san, other)).toEqual({ kind: "radsecTaken", san: san.replace("::0:", "::") });
  }
  expect(await createNas(store, other, { name: "AP", profile: "generic" })).toEqual({ kind: "unprovable" });
});

test("behaviour 8.1: of two organizations that claim an address at once, one gets it", async () => {
  const other = await newOrganization(store, "Other");
  for (let i = 0; i < 10; i++) {
    const results = await Promise.all([create(`${prefix}.${i}.0/24`), create(`${prefix}.${i}.1`, {}, other)]);
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(["ok", "overlap"]);
  }
});

test("within an organization a prefix may hold another, and only the same again is a duplicate", async () => {
  await created(`${prefix}.0.0/16`);
  await created(`${prefix}.1.1`);
  await created(`${prefix}.1.1`, { nasIdentifier: "switch" });
  const duplicate = { kind: "duplicate", address: `${prefix}.1.1/32` };
  expect(await create(`${prefix}.1.1`)).toEqual(duplicate);
  expect(await create(`${prefix}.1.1/32`, { nasIdentifier: "switch" })).toEqual(duplicate);
});

test("an update without secret keeps it, one with it rotates it; each change has a revision", async () => {
  const nas = await created(`${prefix}.0.1`);
  const { secret: _, ...rest } = draft(`${prefix}.0.2`, { name: "Renamed" });
  expect(await updateNas(store, organizationId, nas.id, () => rest)).toMatchObject({
    kind: "ok",
    nas: { id: nas.id, name: "Renamed", address: `${prefix}.0.2/32`, createdAt: nas.createdAt },
  });
  expect(reveal((await loadNases(store, [organizationId]))[0]!.secret!)).toBe("radius secret");
  await updateNas(store, organizationId, nas.id, () => ({ ...rest, secret: secret("rotated") }));
  expect(reveal((await loadNases(store, [organizationId]))[0]!.secret!)).toBe("rotated");
  expect(await deleteNas(store, organizationId, nas.id)).toBe(true);
  expect(await findOrganization(store, organizationId)).toMatchObject({ revision: 5 });
  expect(await listNases(store, organizationId)).toEqual([]);
  expect(await deleteNas(store, organizationId, nas.id)).toBe(false);
  expect(await updateNas(store, organizationId, nas.id, () => rest)).toEqual({ kind: "notFound" });
});
