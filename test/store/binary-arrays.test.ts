import { createHash } from "node:crypto";
import { hashArray, instantArray, uuidArray } from "../../store/binary-arrays.ts";
import { newId } from "../../store/new-id.ts";
import { openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const back = async (type: string, values: Buffer): Promise<unknown> =>
  (await store.pool.query<{ array: unknown }>(`select $1::${type}[] as array`, [values])).rows[0]?.array;

test.each([1, 2, 100])("%i of each come back from Postgres as they were given", async (count) => {
  const ids = Array.from({ length: count }, () => newId());
  const instants = ids.map((_, i) => Date.UTC(1999, 11, 31, 23, 59) + i * 123_456_789_012 + i);
  const hashes = ids.map((id) => createHash("sha256").update(id).digest("hex"));
  expect(await back("uuid", uuidArray(ids))).toEqual(ids);
  expect(await back("timestamptz", instantArray(instants))).toEqual(instants.map((at) => new Date(at)));
  expect(await back("bytea", hashArray(hashes))).toEqual(hashes.map((hash) => Buffer.from(hash, "hex")));
});

test("what is no hash is refused, rather than stored with what memory held before", () => {
  for (const wrong of ["", "abc", "zz".repeat(32)]) expect(() => hashArray([wrong])).toThrow(TypeError);
});
