import { reveal, secret as wrapSecret } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { readHiddenPassword } from "./attribute-readers.ts";
import { ATTRIBUTE } from "./attribute-type.ts";
import { BLOCK_OCTETS, hide, unhide } from "./hiding.ts";
import type { Attribute, Packet } from "./packet.ts";

/** RFC 2865 §5.2. */
const MAX_HIDDEN_OCTETS = 128;

/**
 * The User-Password of an Access-Request. `undefined` when there is none, when its length is impossible, or when what
 * comes out is no UTF-8, as happens with a secret that differs from the NAS's. NULs inside the password stay: only the
 * padding goes.
 */
export function readUserPassword(request: Packet, secret: Secret): Secret | undefined {
  const hidden = readHiddenPassword(request);
  if (hidden === undefined || hidden.length > MAX_HIDDEN_OCTETS) return undefined;
  if (hidden.length % BLOCK_OCTETS !== 0) return undefined;
  const padded = unhide(hidden, secret, request.authenticator);
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end -= 1;
  const password = padded.subarray(0, end);
  const text = password.toString("utf8");
  return Buffer.from(text).equals(password) ? wrapSecret(text) : undefined;
}

/** User-Password as a NAS writes it; `authenticator` is that of the request it goes into. At most 128 octets. */
export function writeUserPassword(password: Secret, secret: Secret, authenticator: Buffer): Attribute {
  const plain = Buffer.from(reveal(password), "utf8");
  if (plain.length > MAX_HIDDEN_OCTETS) throw new RangeError(`a password takes at most ${MAX_HIDDEN_OCTETS} octets`);
  // An empty password still makes one block (RFC 2865 §5.2: the length is at least 18).
  return [ATTRIBUTE.UserPassword, hide(plain.length === 0 ? Buffer.alloc(1) : plain, secret, authenticator)];
}
