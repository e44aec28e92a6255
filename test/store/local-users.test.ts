import type { OrganizationId } from "../../domain/identifiers.ts";
import { reveal, secret } from "../../domain/secret.ts";
import {
  createLocalUser,
  deleteLocalUser,
  findLocalUser,
  listLocalUsers,
  updateLocalUser,
} from "../../store/local-users.ts";
import { findOrganization } from "../../store/organizations.ts";
import { writeSetting } from "../../store/settings.ts";
import { edgeView } from "../support/edge-view.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  organizationId = await newOrganization(store);
});

async function create(name: string, labels: readonly string[] = []) {
  const saved = await createLocalUser(store, organizationId, { name, passwordHash: secret("the hash"), labels });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  return saved.user;
}

const revision = async (): Promise<number> => (await findOrganization(store, organizationId))!.revision;

test("a user is stored, found, listed by name, changed and deleted, and no view has the hash", async () => {
  const zoe = await create("zoe");
  const ada = await create("Ada", ["staff"]);
  expect(ada).toMatchObject({ organizationId, name: "Ada", labels: ["staff"] });
  expect(ada).not.toHaveProperty("passwordHash");
  expect(await listLocalUsers(store, organizationId)).toEqual([ada, zoe]);
  expect(await updateLocalUser(store, organizationId, ada.id, { labels: [] })).toMatchObject({
    kind: "ok",
    user: { id: ada.id, name: "Ada", labels: [] },
  });
  expect(await deleteLocalUser(store, organizationId, zoe.id)).toBe(true);
  expect(await deleteLocalUser(store, organizationId, zoe.id)).toBe(false);
  expect(await findLocalUser(store, organizationId, zoe.id)).toBeUndefined();
  expect(await updateLocalUser(store, organizationId, zoe.id, { name: "zoe" })).toEqual({ kind: "notFound" });
});

test("a name is one name in whatever case and composition, and free in another organization", async () => {
  const josé = await create("Jos\u00e9");
  const twin = { name: "JOSE\u0301", passwordHash: secret("h"), labels: [] };
  expect(await createLocalUser(store, organizationId, twin)).toEqual({ kind: "nameTaken" });
  const other = await create("other");
  expect(await updateLocalUser(store, organizationId, other.id, twin)).toEqual({ kind: "nameTaken" });
  expect(await updateLocalUser(store, organizationId, josé.id, twin)).toMatchObject({ kind: "ok" });
  expect(await createLocalUser(store, await newOrganization(store), twin)).toMatchObject({ kind: "ok" });
});

test("of two that claim a name at once, one gets it", async () => {
  const claims = Array.from({ length: 4 }, (_, i) => ({
    name: i % 2 ? "eve" : "Eve",
    passwordHash: secret("h"),
    labels: [],
  }));
  const saved = await Promise.all(claims.map((draft) => createLocalUser(store, organizationId, draft)));
  expect(saved.map(({ kind }) => kind).toSorted()).toEqual(["nameTaken", "nameTaken", "nameTaken", "ok"]);
});

test("an edge reads people with their hashes, and again only when they have changed", async () => {
  const empty = (await edgeView(store, organizationId))!;
  expect(empty.people).toBeUndefined();
  const ada = await create("Ada");
  const loaded = (await edgeView(store, organizationId, empty.revision))!;
  expect([...loaded.people!.users.keys()]).toEqual(["ada"]);
  expect(reveal(loaded.people!.users.get("ada")!.passwordHash)).toBe("the hash");
  await writeSetting(store, organizationId, { setting: {} });
  const unrelated = (await edgeView(store, organizationId, loaded.revision))!;
  expect(unrelated).toMatchObject({ revision: await revision(), people: undefined });
  await updateLocalUser(store, organizationId, ada.id, { passwordHash: secret("another") });
  const changed = (await edgeView(store, organizationId, unrelated.revision))!;
  expect(reveal(changed.people!.users.get("ada")!.passwordHash)).toBe("another");
  await deleteLocalUser(store, organizationId, ada.id);
  expect((await edgeView(store, organizationId, changed.revision))!.people!.users.size).toBe(0);
});
