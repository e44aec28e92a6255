import type { OrganizationId } from "../../domain/identifiers.ts";
import { reveal } from "../../domain/secret.ts";
import { createToken, deleteToken, findToken, listTokens } from "../../store/tokens.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
  organizationId = await newOrganization(store);
});
afterAll(() => store.close());

test("a token speaks for its organization until it is deleted; its text is nowhere in the database", async () => {
  const { id, token } = await createToken(store, { organizationId, name: "ci", createdBy: "admin" });
  const text = reveal(token);
  expect(text).toMatch(/^portcullis_[\w-]{43}$/);
  expect(await findToken(store, text)).toEqual({ organizationId, tokenId: id, name: "ci", createdBy: "admin" });
  const rows = await store.db.selectFrom("api_tokens").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(text.slice(11, 40));
  for (const wrong of ["", text.slice(11), `${text}x`, text.slice(0, -1)]) {
    expect(await findToken(store, wrong)).toBeUndefined();
  }
  const stranger = await newOrganization(store, "Other");
  expect(await deleteToken(store, stranger, id)).toBe(false);
  expect(await deleteToken(store, organizationId, id)).toBe(true);
  expect(await findToken(store, text)).toBeUndefined();
});

test("the last use is kept to the minute", async () => {
  const { id, token } = await createToken(store, { organizationId, name: "used", createdBy: "admin" });
  const listed = async () => (await listTokens(store, organizationId)).find((one) => one.id === id);
  expect(await listed()).toMatchObject({ lastUsedAt: undefined, lastFour: reveal(token).slice(-4) });
  await findToken(store, reveal(token));
  const used = (await listed())?.lastUsedAt;
  expect(used).toBeGreaterThan(0);
  await findToken(store, reveal(token));
  expect((await listed())?.lastUsedAt).toBe(used);
  await store.pool.query("update api_tokens set last_used_at = now() - interval '2 minutes' where id = $1", [id]);
  await findToken(store, reveal(token));
  expect((await listed())?.lastUsedAt).toBeGreaterThanOrEqual(used!);
});
