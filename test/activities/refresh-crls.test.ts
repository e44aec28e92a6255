import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { findDueCrls } from "../../activities/find-due-crls.ts";
import { refreshCrls } from "../../activities/refresh-crls.ts";
import { createHttp } from "../../outbound/http.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../domain/time.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority } from "../../simulators/certificates.ts";
import { listSources } from "../../store/crl-sources.ts";
import { deleteCrl, listCrls } from "../../store/crls.ts";
import { findOrganization } from "../../store/organizations.ts";
import { readRevocation } from "../../store/revocation.ts";
import { writeSetting } from "../../store/settings.ts";
import { underLostKey } from "../support/lost-key.ts";
import { newOrganization } from "../support/store.ts";
import { openBench } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";

let bench: ActivityBench;
let server: Server;
let base: string;
/** What the server of lists gives, by path. */
const given = new Map<string, Buffer>();
/** Paths that it was asked for. */
const asked: string[] = [];
let authority: Authority;
let organizationId: OrganizationId;
beforeAll(async () => {
  bench = await openBench();
  server = createServer((request, reply) => {
    asked.push(request.url ?? "");
    const file = given.get(request.url ?? "");
    if (file === undefined) reply.writeHead(404).end();
    else reply.end(file);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  authority = await createAuthority("Acme Devices");
});
beforeEach(async () => {
  given.clear();
  organizationId = await newOrganization(bench.store);
  await setUrls([`${base}/acme.crl`]);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await bench.close();
});

const setUrls = (urls: readonly string[], cacerts = [authority.certificatePem]) =>
  writeSetting(bench.store, organizationId, { setting: { mist_nac: { cacerts, crl: { urls } } } });
const isDue = async () => (await findDueCrls(bench.deps)).organizationIds.includes(organizationId);
const refresh = () => refreshCrls(bench.deps, organizationId);
const held = () => listCrls(bench.store, organizationId);
const sources = () => listSources(bench.store, organizationId);
const revision = async () => (await findOrganization(bench.store, organizationId))!.revision;
/** Makes every source due again, as the passing of time would. */
const later = () => bench.store.pool.query("update crl_sources set next_fetch_at = now()");

test("a list that the setting names is fetched, kept, told to the edges, and due again in time", async () => {
  const list = await authority.crl({ number: 1, nextUpdate: Date.now() + 2 * HOUR_MS });
  given.set("/acme.crl", list);
  expect(await isDue()).toBe(true);
  const before = await revision();
  expect(await refresh()).toEqual({ fetched: 1, failed: 0, text: "1 CRLs are current." });
  expect(await held()).toMatchObject([
    { source: "fetched", url: `${base}/acme.crl`, number: "01", name: "CN=Acme Devices" },
  ]);
  expect((await readRevocation(bench.store.db, organizationId)).crls.map((der) => Buffer.from(der))).toEqual([list]);
  expect(await revision()).toBe(before + 1);
  const [source] = await sources();
  expect(source).toMatchObject({ origin: "setting", error: undefined });
  expect(source!.nextFetchAt - Date.now()).toBeLessThanOrEqual(HOUR_MS);
  expect(source!.nextFetchAt - Date.now()).toBeGreaterThan(50 * MINUTE_MS);
  expect(await isDue()).toBe(false);

  await later();
  expect(await refresh()).toMatchObject({ fetched: 1, failed: 0 });
  expect(await revision()).toBe(before + 1);

  // Who deletes a list that was fetched gets it anew.
  expect(await deleteCrl(bench.store, organizationId, (await held())[0]!.id)).toBe(true);
  expect(await isDue()).toBe(true);
  await refresh();
  expect(await held()).toHaveLength(1);
});

test("who may sign an organization's lists is read once, however many lists are due, and not where none is", async () => {
  const paths = Array.from({ length: 5 }, (_, n) => `/${n}.crl`);
  const list = await authority.crl();
  for (const path of paths) given.set(path, list);
  await setUrls(paths.map((path) => `${base}${path}`));
  await findDueCrls(bench.deps);
  let reads = 0;
  const db = bench.store.db.withPlugin({
    transformQuery({ node }) {
      if (JSON.stringify(node).includes('"intermediate_authorities"')) reads++;
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const deps = { ...bench.deps, store: { ...bench.store, db } };
  expect(await refreshCrls(deps, organizationId)).toMatchObject({ fetched: 5, failed: 0 });
  expect(reads).toBe(1);
  expect(await refreshCrls(deps, organizationId)).toMatchObject({ fetched: 0, failed: 0 });
  expect(reads).toBe(1);
});

test("a server that fails, and a list that nobody known signed, leave what is held, and are tried again later and later", async () => {
  given.set("/acme.crl", await authority.crl({ number: 5 }));
  await findDueCrls(bench.deps);
  await refresh();
  const kept = await held();
  const failures: [Buffer | undefined, string][] = [
    [undefined, "status 404"],
    [Buffer.from("<html>"), "This is no CRL"],
    [await (await createAuthority("Acme Devices")).crl({ number: 6 }), "signed by none"],
    [await authority.crl({ number: 4 }), "older CRL"],
    [await authority.crl({ number: 6, nextUpdate: Date.now() - 1_000 }), "should have been replaced"],
  ];
  const waits: number[] = [];
  for (const [file, reason] of failures) {
    given.clear();
    if (file !== undefined) given.set("/acme.crl", file);
    await later();
    expect(await refresh()).toMatchObject({ fetched: 0, failed: 1, text: expect.stringContaining(reason) as unknown });
    const [source] = await sources();
    expect(source!.error).toContain(reason);
    waits.push(Math.round((source!.nextFetchAt - Date.now()) / MINUTE_MS));
  }
  expect(waits).toEqual([5, 10, 20, 40, 60]);
  expect(await held()).toEqual(kept);
  given.set("/acme.crl", await authority.crl({ number: 7 }));
  await later();
  expect(await refresh()).toMatchObject({ fetched: 1 });
  expect(await sources()).toMatchObject([{ error: undefined }]);
});

test("a URL of one organization's that Postgres does not take keeps no other's lists from being fetched", async () => {
  const other = await newOrganization(bench.store);
  const url = `${base}/${randomBytes(4_000).toString("hex")}`; // longer than an index of Postgres takes
  await writeSetting(bench.store, other, { setting: { mist_nac: { crl: { urls: [url] } } } });
  expect(await isDue()).toBe(true);
  expect(bench.logged.join("")).toContain(other);
});

test("what failed before is asked last, and organizations where nothing else is due come last", async () => {
  given.set("/acme.crl", await authority.crl());
  await setUrls([`${base}/aaa.crl`]);
  await findDueCrls(bench.deps);
  await refresh();
  await setUrls([`${base}/aaa.crl`, `${base}/acme.crl`]);
  const failing = await newOrganization(bench.store);
  await writeSetting(bench.store, failing, { setting: { mist_nac: { crl: { urls: [`${base}/no.crl`] } } } });
  await findDueCrls(bench.deps);
  await refreshCrls(bench.deps, failing);
  await bench.store.pool.query("update crl_sources set next_fetch_at = now() - failures * interval '1 hour'");
  const { organizationIds } = await findDueCrls(bench.deps);
  expect(organizationIds.indexOf(organizationId)).toBeLessThan(organizationIds.indexOf(failing));
  asked.length = 0;
  expect(await refresh()).toMatchObject({ fetched: 1, failed: 1 });
  expect(asked).toEqual(["/acme.crl", "/aaa.crl"]);
});

test("a fetch that fails for reasons of our own is noted beside its source, and due again later", async () => {
  given.set("/acme.crl", await authority.crl());
  await findDueCrls(bench.deps);
  await bench.store.pool.query("alter table crls add constraint broken check (false) not valid");
  try {
    expect(await refresh()).toMatchObject({ fetched: 0, failed: 1 });
  } finally {
    await bench.store.pool.query("alter table crls drop constraint broken");
  }
  const [source] = await sources();
  expect(source!.error).toMatch(/^It could not be kept: ./);
  expect(source!.nextFetchAt).toBeGreaterThan(Date.now());
});

test("a server key that no key opens costs its organization no list", async () => {
  given.set("/acme.crl", await authority.crl());
  await findDueCrls(bench.deps);
  const serverKey = secret("sealed under a lost key");
  await writeSetting(underLostKey(bench.store), organizationId, {
    setting: { mist_nac: { cacerts: [authority.certificatePem] } },
    serverKey,
  });
  expect(await refresh()).toMatchObject({ fetched: 1, failed: 0 });
});

test("a trusted authority below another names its list itself; what is no longer named is no longer fetched", async () => {
  const issuing = await authority.issueAuthority("Issuing", [`${base}/root.crl`, "ldap:///CN=Root"]);
  await setUrls([`${base}/acme.crl`], [authority.certificatePem, issuing.certificatePem]);
  expect(await isDue()).toBe(true);
  expect((await sources()).map(({ url }) => url)).toEqual([`${base}/acme.crl`, `${base}/root.crl`]);
  await setUrls([], [issuing.certificatePem]);
  expect(await isDue()).toBe(false);
  expect(await sources()).toEqual([]);
});

test("what clients showed may lead nowhere private: the guard speaks, and nothing is fetched", async () => {
  given.set("/acme.crl", await authority.crl());
  await findDueCrls(bench.deps);
  const http = createHttp({ allowedNetworks: [], guard: true });
  expect(await refreshCrls({ ...bench.deps, http }, organizationId)).toMatchObject({
    fetched: 0,
    text: expect.stringContaining("may not be called") as unknown,
  });
  await http.close();
  expect(await held()).toEqual([]);
});

test("a list for a week is looked for daily: one may come before its time", async () => {
  given.set("/acme.crl", await authority.crl({ nextUpdate: Date.now() + 7 * DAY_MS }));
  await findDueCrls(bench.deps);
  await refresh();
  const [source] = await sources();
  expect(Math.round((source!.nextFetchAt - Date.now()) / HOUR_MS)).toBe(24);
});
