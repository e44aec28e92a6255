import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { ScryptOptions } from "node:crypto";
import { reveal, secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";

/**
 * What guessing costs: 32 MiB and about a tenth of a second for each guess. More would be better against a stolen
 * table, and worse at 9:00 when a building wakes up. A hash names its own parameters, so that these may change while
 * old hashes stay good.
 */
const COST = { ln: 15, r: 8, p: 1 } as const;
const SALT_OCTETS = 16;
const KEY_OCTETS = 32;

/**
 * Hashes a password with a fresh salt as `$scrypt$ln=15,r=8,p=1$<salt>$<key>` (RFC 7914; the text form is that of the PHC
 * string format). Runs in libuv's pool, as does `isPasswordOf`.
 */
export async function hashPassword(password: Secret): Promise<Secret> {
  const salt = randomBytes(SALT_OCTETS);
  return written(salt, await derive(password, { ...COST, salt, octets: KEY_OCTETS }));
}

/** A hash that is no password's, for comparing in vain: that takes as long as with a user's. */
export function hashOfNobody(): Secret {
  return written(randomBytes(SALT_OCTETS), randomBytes(KEY_OCTETS));
}

function written(salt: Buffer, key: Buffer): Secret {
  return secret(`$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`);
}

/** Whether the hash is this password's. Takes as long for a wrong one. Throws RangeError for a text that is no hash. */
export async function isPasswordOf(hash: Secret, password: Secret): Promise<boolean> {
  const { key, ...recipe } = parse(reveal(hash));
  return timingSafeEqual(await derive(password, { ...recipe, octets: key.length }), key);
}

interface Recipe {
  /** Binary logarithm of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
}

function parse(hash: string): Recipe & { readonly key: Buffer } {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{22,})$/.exec(hash);
  if (match === null) throw new RangeError("a stored password hash is damaged");
  const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
  return { ln, r, p, salt: Buffer.from(match[4]!, "base64"), key: Buffer.from(match[5]!, "base64") };
}

/** Keyboards compose accents in different ways; RFC 8265 §4.2.2 makes them one. */
function derive(password: Secret, { ln, r, p, salt, octets }: Recipe & { readonly octets: number }): Promise<Buffer> {
  // RFC 7914 §2: 128 · N · r octets, and as much again for what OpenSSL counts beside them.
  const cost: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
  return new Promise((resolve, reject) => {
    scrypt(reveal(password).normalize("NFC"), salt, octets, cost, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function base64(octets: Buffer): string {
  return octets.toString("base64").replace(/=+$/, "");
}
