import { chmod, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reveal, secret } from "../../domain/secret.ts";
import { makeInternalToken, verifyInternalToken } from "../../runtime/edge-access.ts";
import { deriveKey, deriveKeys, loadMasterKeys, parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";

const K1 = `k1:${Buffer.alloc(32, 1).toString("base64")}`;
const K2 = `k2:${Buffer.alloc(32, 2).toString("base64")}`;
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "portcullis-keys-"))));
afterEach(() => rm(folder, { recursive: true }));

test("the first start makes a 0600 key file, and processes that start together share it", async () => {
  const stateFolder = join(folder, "state");
  const loaded = await Promise.all(
    Array.from({ length: 8 }, () => loadMasterKeys({ masterKeys: undefined, stateFolder })),
  );
  expect(new Set(loaded.map(({ current }) => Buffer.from(current.key).toString("hex"))).size).toBe(1);
  expect(await readdir(stateFolder)).toEqual(["master-key"]);
  expect((await stat(join(stateFolder, "master-key"))).mode & 0o777).toBe(0o600);
  await chmod(join(stateFolder, "master-key"), 0o644);
  await expect(loadMasterKeys({ masterKeys: undefined, stateFolder })).rejects.toThrow("mode 644");
});

test("keys that were given win over the file, and none is made", async () => {
  const keys = await loadMasterKeys({ masterKeys: secret(`${K2},${K1}`), stateFolder: folder });
  expect(keys.all.map(({ kid }) => kid)).toEqual(["k2", "k1"]);
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ["", "entry 1"],
  [`${K1},k3:c2hvcnQ=`, "entry 2"],
  [`${K1},${K1}`, '"k1" appears twice'],
])("a faulty key list is refused without showing it: %#", (text, message) => {
  expect(() => parseMasterKeys(text, "PORTCULLIS_MASTER_KEYS")).toThrow(message);
  expect(() => parseMasterKeys(text, "PORTCULLIS_MASTER_KEYS")).not.toThrow("c2hvcnQ=");
});

test("derived keys differ by purpose and stay verifiable through a rotation", () => {
  const before = parseMasterKeys(K1, "test");
  const after = parseMasterKeys(`${K2},${K1}`, "test");
  expect(deriveKey(before, "class")).not.toEqual(deriveKey(before, "edge-internal"));
  expect(deriveKeys(after, "class")).toEqual([deriveKey(after, "class"), deriveKey(before, "class")]);
  const authorization = `Bearer ${reveal(makeInternalToken(before))}`;
  expect(verifyInternalToken(after, authorization)).toBe(true);
  expect(verifyInternalToken(parseMasterKeys(K2, "test"), authorization)).toBe(false);
  expect(verifyInternalToken(before, undefined)).toBe(false);
});

test("a sealed secret opens with its key, in its context, and nowhere else", async () => {
  const seals = createSeals(parseMasterKeys(K1, "test"));
  const sealed = await seals.seal(secret("s3cret"), "nas:1");
  expect(sealed).not.toContain("s3cret");
  expect(reveal(await createSeals(parseMasterKeys(`${K2},${K1}`, "test")).open(sealed, "nas:1"))).toBe("s3cret");
  await expect(seals.open(sealed, "nas:2")).rejects.toMatchObject({ fault: "wrongContext" });
  await expect(createSeals(parseMasterKeys(K2, "test")).open(sealed, "nas:1")).rejects.toMatchObject({
    fault: "unknownKey",
  });
  const impostor = createSeals(parseMasterKeys(K2.replace("k2", "k1"), "test"));
  await expect(impostor.open(sealed, "nas:1")).rejects.toMatchObject({ fault: "damaged" });
  await expect(seals.open(`${sealed.slice(0, -4)}AAAA`, "nas:1")).rejects.toMatchObject({ fault: "damaged" });
  await expect(seals.open("not sealed", "nas:1")).rejects.toMatchObject({ fault: "damaged" });
});

test("the key file is one line that PORTCULLIS_MASTER_KEYS takes too", async () => {
  const made = await loadMasterKeys({ masterKeys: undefined, stateFolder: folder });
  const line = (await readFile(join(folder, "master-key"), "utf8")).trim();
  expect(parseMasterKeys(line, "test")).toEqual(made);
});
