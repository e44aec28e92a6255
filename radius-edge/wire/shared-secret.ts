import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { hmacKey } from "./md5.ts";
import type { HmacKey } from "./md5.ts";

/** A shared secret as hashes take it. */
export interface SecretOctets {
  readonly octets: Buffer;
  readonly hmac: HmacKey;
}

/** As long as somebody holds the secret itself. */
const made = new WeakMap<Secret, SecretOctets>();

export function secretOctets(secret: Secret): SecretOctets {
  let found = made.get(secret);
  if (found === undefined) {
    const octets = Buffer.from(reveal(secret), "utf8");
    found = { octets, hmac: hmacKey(octets) };
    made.set(secret, found);
  }
  return found;
}
