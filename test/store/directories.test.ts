import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import {
  createDirectory,
  deleteDirectory,
  findDirectory,
  listDirectories,
  updateDirectory,
} from "../../store/directories.ts";
import type { DirectoryDraft } from "../../store/directories.ts";
import { edgeView } from "../support/edge-view.ts";
import { openedText } from "../support/lost-key.ts";
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

const draft: DirectoryDraft = {
  name: "Head office",
  type: "custom",
  hosts: ["dc1.example", "dc2.example"],
  baseDn: "dc=example",
  bindDn: "cn=reader,dc=example",
  bindPassword: secret("bind secret"),
  userFilter: "(uid=%s)",
  groupAttribute: "memberOf",
  cacerts: ["PEM"],
  whenDown: "silence",
};

async function create(name: string) {
  const saved = await createDirectory(store, organizationId, { ...draft, name });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  return saved.directory;
}

const loaded = async () => (await edgeView(store, organizationId))!.people!.directories;

test("directories are kept in order with their bind passwords sealed, and reach the edges whole", async () => {
  const first = await create("z, but made first");
  const second = await create("a");
  expect(first).not.toHaveProperty("bindPassword");
  expect(await listDirectories(store, organizationId)).toEqual([first, second]);
  expect(await findDirectory(store, organizationId, second.id)).toEqual(second);
  const [edge] = await loaded();
  const { bindPassword, ...rest } = edge!;
  expect(openedText(bindPassword)).toBe("bind secret");
  const { bindPassword: _, ...given } = draft;
  expect(rest).toEqual({ ...given, id: first.id, organizationId, name: first.name });
  const rows = await store.db.selectFrom("directories").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain("bind secret");
});

test("an update without bind password keeps it, one with it replaces it; a name is taken once", async () => {
  const directory = await create("one");
  await create("two");
  const { bindPassword: _, ...rest } = draft;
  expect(await updateDirectory(store, organizationId, directory.id, () => ({ ...rest, name: "two" }))).toEqual({
    kind: "nameTaken",
  });
  expect(
    await updateDirectory(store, organizationId, directory.id, (current) => ({ ...current, baseDn: "dc=new" })),
  ).toMatchObject({
    kind: "ok",
    directory: { id: directory.id, baseDn: "dc=new" },
  });
  expect(openedText((await loaded())[0]!.bindPassword)).toBe("bind secret");
  await updateDirectory(store, organizationId, directory.id, () => ({ ...rest, bindPassword: secret("rotated") }));
  expect(openedText((await loaded())[0]!.bindPassword)).toBe("rotated");
  expect(await deleteDirectory(store, organizationId, directory.id)).toBe(true);
  expect(await deleteDirectory(store, organizationId, directory.id)).toBe(false);
  expect(await updateDirectory(store, organizationId, directory.id, () => rest)).toEqual({ kind: "notFound" });
  expect(await loaded()).toHaveLength(1);
});
