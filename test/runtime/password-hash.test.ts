import { reveal, secret } from "../../domain/secret.ts";
import { hashOfNobody, hashPassword, isPasswordOf } from "../../runtime/password-hash.ts";

test("a hash is its password's and no other's, and two hashes of one password differ", async () => {
  const password = secret("correct horse");
  const [one, two] = await Promise.all([hashPassword(password), hashPassword(password)]);
  expect(reveal(one)).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(reveal(one)).not.toBe(reveal(two));
  expect(await isPasswordOf(one, password)).toBe(true);
  expect(await isPasswordOf(one, secret("correct Horse"))).toBe(false);
  expect(await isPasswordOf(one, secret(""))).toBe(false);
});

test("a password is the same whichever way its accents were typed", async () => {
  const hash = await hashPassword(secret("caf\u00e9"));
  expect(await isPasswordOf(hash, secret("cafe\u0301"))).toBe(true);
});

/** RFC 7914 §12, second vector, shortened to 32 octets: what was hashed with other parameters stays good. */
test("a hash says itself how it was made", async () => {
  const salt = Buffer.from("NaCl").toString("base64").replace(/=+$/, "");
  const key = Buffer.from("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162", "hex");
  const hash = secret(`$scrypt$ln=10,r=8,p=16$${salt}$${key.toString("base64").replace(/=+$/, "")}`);
  expect(await isPasswordOf(hash, secret("password"))).toBe(true);
  expect(await isPasswordOf(hash, secret("passwords"))).toBe(false);
});

test("nobody's hash has the cost of a user's, and no password", async () => {
  const [nobody, user] = [reveal(hashOfNobody()), reveal(await hashPassword(secret("any")))];
  expect(nobody.split("$").slice(0, 3)).toEqual(user.split("$").slice(0, 3));
  expect(nobody).toHaveLength(user.length);
  expect(nobody).not.toBe(reveal(hashOfNobody()));
  expect(await isPasswordOf(secret(nobody), secret("any"))).toBe(false);
});

test("a text that is no hash is nobody's, and is not repeated in the error", async () => {
  await expect(isPasswordOf(secret("plain text"), secret("plain text"))).rejects.toThrow(
    new RangeError("a stored password hash is damaged"),
  );
});
