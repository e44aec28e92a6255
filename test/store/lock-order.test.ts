import pg from "pg";
import type { CrlId, OrganizationId, SessionId } from "../../domain/identifiers.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals, kidOf } from "../../runtime/secrets.ts";
import { deleteCrl } from "../../store/crls.ts";
import { createDirectory, deleteDirectory } from "../../store/directories.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { beginStep, finishStep, resumeEnforcements, stepsSoFar } from "../../store/enforcements.ts";
import { createLocalUser, deleteLocalUser } from "../../store/local-users.ts";
import { createNas, deleteNas, loadNases, updateNas } from "../../store/nases.ts";
import { newId } from "../../store/new-id.ts";
import { rekey } from "../../store/rekey.ts";
import { MAC, nasId, OTHER_MAC } from "../support/domain-values.ts";
import { authentication } from "../support/edge-records.ts";
import { newOrganization, openTestStore, untilSomebodyWaits } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let other: pg.Client;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
  other = new pg.Client({ connectionString: store.databaseUrl });
  await other.connect();
});
afterEach(() => other.end());

async function aUser(): Promise<() => Promise<boolean>> {
  const saved = await createLocalUser(store, organizationId, { name: "ada", passwordHash: secret("h"), labels: [] });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  return () => deleteLocalUser(store, organizationId, saved.user.id);
}

async function aDirectory(): Promise<() => Promise<boolean>> {
  const saved = await createDirectory(store, organizationId, {
    name: "directory",
    type: "custom",
    hosts: ["ldap.example"],
    baseDn: "dc=example",
    bindDn: "cn=reader,dc=example",
    bindPassword: secret("password"),
    userFilter: "(uid=%s)",
    groupAttribute: "memberOf",
    cacerts: [],
    whenDown: "reject",
  });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  return () => deleteDirectory(store, organizationId, saved.directory.id);
}

async function aCrl(): Promise<() => Promise<boolean>> {
  const id = newId<CrlId>();
  await store.pool.query(
    `insert into crls (id, organization_id, issuer, scope, name, source, this_update, next_update, entries, der)
     values ($1, $2, 'issuer', 'all', 'CN=CA', 'uploaded', now(), now(), 0, '')`,
    [id, organizationId],
  );
  return () => deleteCrl(store, organizationId, id);
}

test.each([
  ["local user", "local_users", aUser],
  ["directory", "directories", aDirectory],
  ["CRL", "crls", aCrl],
])("a %s that is changed and deleted at once is changed, then deleted", async (_, table, make) => {
  const remove = await make();
  // As the writers of changes do it: the organization first, then the row.
  await other.query("begin");
  await other.query("select from organizations where id = $1 for no key update", [organizationId]);
  const removed = remove();
  removed.catch(() => undefined);
  await untilSomebodyWaits(store);
  await other.query(`update ${table} set modified_at = now() where organization_id = $1`, [organizationId]);
  await other.query("commit");
  expect(await removed).toBe(true);
});

test("a NAS that is changed and deleted at once is changed, then deleted", async () => {
  const draft = { name: "before", address: "198.51.100.1", secret: secret("radius secret"), profile: "standard" };
  const made = await createNas(store, organizationId, draft);
  if (made.kind !== "ok") throw new Error(made.kind);
  // Holds the change up when it has read the NAS, and with it all that a change locks first.
  await other.query("begin");
  await other.query("select from nases where id = $1 for update", [made.nas.id]);
  const changed = updateNas(store, organizationId, made.nas.id, (current) => ({ ...current, name: "after" }));
  changed.catch(() => undefined);
  await untilSomebodyWaits(store);
  const deleted = deleteNas(store, organizationId, made.nas.id);
  deleted.catch(() => undefined);
  await untilSomebodyWaits(store, 2);
  await other.query("commit");
  expect(await changed).toMatchObject({ kind: "ok", nas: { name: "after" } });
  expect(await deleted).toBe(true);
});

test("a NAS that is changed while its secrets are sealed anew keeps the change and the new seal", async () => {
  const keys = ["old", "new"].map((kid, at) => `${kid}:${Buffer.alloc(32, at).toString("base64")}`);
  const [before, after] = [keys[0]!, keys.toReversed().join(",")].map((text) => ({
    ...store,
    seals: createSeals(parseMasterKeys(text, "test")),
  })) as [TestStore, TestStore];
  const draft = { name: "before", address: "192.0.2.1", secret: secret("radius secret"), profile: "standard" };
  const made = await createNas(before, organizationId, draft);
  if (made.kind !== "ok") throw new Error(made.kind);
  let changed: ReturnType<typeof updateNas> | undefined;
  const seals = {
    ...after.seals,
    // While rekey holds the row, and has not written it yet.
    open: async (...sealed: Parameters<typeof after.seals.open>) => {
      if (changed === undefined) {
        changed = updateNas(after, organizationId, made.nas.id, (current) => ({ ...current, name: "after" }));
        changed.catch(() => undefined);
        await untilSomebodyWaits(store);
      }
      return after.seals.open(...sealed);
    },
  };
  await rekey({ ...after, seals }, "new", kidOf);
  expect(await changed).toMatchObject({ kind: "ok", nas: { name: "after" } });
  const [nas] = await loadNases({ ...store, seals: createSeals(parseMasterKeys(keys[1]!, "test")) }, [organizationId]);
  expect(reveal(nas!.secret!)).toBe("radius secret");
});

test("of two edges that a NAS comes back to at once, each resumes its clients in the same order", async () => {
  const accepts = [MAC, OTHER_MAC].map((mac) => authentication(organizationId, { evidence: { mac } }));
  await recordBatch(store, accepts);
  const sessionIds = accepts.map(({ session }) => session!.id).toSorted();
  // Stored in the other order: whoever follows the table meets the last first.
  for (const sessionId of sessionIds.toReversed()) {
    const step = { organizationId, identity: undefined, revision: 1, step: 0, stepName: "disconnect" } as const;
    await beginStep(store, { ...step, sessionId, desired: { kind: "reject" }, sentAt: Date.now() });
    await finishStep(store, { sessionId, ...step }, { kind: "noPath", text: "no connection" });
  }
  const lock = (sessionId: SessionId) =>
    other.query("select from enforcements where session_id = $1 for update", [sessionId]);
  await other.query("begin");
  await lock(sessionIds[0]!);
  const resumed = resumeEnforcements(store, [nasId], "the NAS is back");
  resumed.catch(() => undefined);
  await untilSomebodyWaits(store);
  await lock(sessionIds[1]!);
  await other.query("commit");
  await resumed;
  for (const id of sessionIds) expect(await stepsSoFar(store, id, 1)).toMatchObject([{ result: "superseded" }]);
});
