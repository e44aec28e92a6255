import { createHmac } from "node:crypto";
import type { Evidence } from "../domain/evidence.ts";
import { userNameKey } from "../domain/local-user.ts";

/** RFC 2104 §5: half of an HMAC-SHA-256 is as good against guessing. */
const PSEUDONYM_OCTETS = 16;

/**
 * What a NAS may know the user by, or the device where that alone proved itself (RFC 4372 §2.2): 32 hexadecimal digits, the same at
 * every edge for as long as `key` is. Others are known by it in another organization, and at another operator (RFC 5580), so
 * that two of them cannot tell that they have the same guest.
 */
export function userPseudonym(evidence: Evidence, key: Uint8Array): string {
  const { organizationId, authentication, mac, userName, nas } = evidence;
  // A NAS writes a MAC address in its own way when it is the User-Name.
  const user = authentication === "mab" && mac !== undefined ? ["mac", mac] : ["user", userNameKey(userName)];
  const named = JSON.stringify([organizationId, nas.operatorName ?? "", ...user]);
  return createHmac("sha256", key)
    .update(named)
    .digest("hex")
    .slice(0, 2 * PSEUDONYM_OCTETS);
}
