import { createHash, timingSafeEqual } from "node:crypto";
import { secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { deriveKey, deriveKeys } from "./master-keys.ts";
import type { MasterKeys } from "./master-keys.ts";

const PURPOSE = "edge-internal";

/** The bearer token with which our own processes call an edge's internal port: lower-case hexadecimal. */
export function makeInternalToken(keys: MasterKeys): Secret {
  return secret(hex(deriveKey(keys, PURPOSE)));
}

/**
 * Whether an Authorization header carries the token of any of the installation's master keys, so that processes may be
 * restarted one by one during a rotation. Takes the same time for every wrong token.
 */
export function verifyInternalToken(keys: MasterKeys, authorization: string | undefined): boolean {
  const given = digest(/^Bearer ([0-9a-f]{64})$/.exec(authorization ?? "")?.[1] ?? "");
  return deriveKeys(keys, PURPOSE)
    .map((key) => timingSafeEqual(digest(hex(key)), given))
    .includes(true);
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
