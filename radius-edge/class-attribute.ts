import { timingSafeEqual } from "node:crypto";
import { formatUuid, writeUuid } from "../domain/identifiers.ts";
import type { EventId, SessionId } from "../domain/identifiers.ts";
import { createBlockHmac, HMAC_OCTETS } from "./block-hmac.ts";
import type { BlockHmac } from "./block-hmac.ts";

/*
 * Class (RFC 2865 §5.25) comes back in every accounting record and CoA of the session. Ours names the session and the
 * decision: version (1 octet), session id (16), decision id (16), and the first 8 octets of an HMAC-SHA256 over those,
 * so that a NAS with a foreign or mangled Class cannot attach its accounting to another's session.
 */
const VERSION = 1;
const SIGNED_OCTETS = 33;
const TAG_OCTETS = 8;

export interface ClassContent {
  readonly sessionId: SessionId;
  readonly decisionId: EventId;
}

/** 41 octets. `key` is the installation's, so that any edge reads what another wrote. */
export function encodeClass({ sessionId, decisionId }: ClassContent, key: Buffer): Buffer {
  const value = Buffer.allocUnsafe(SIGNED_OCTETS + TAG_OCTETS);
  value[0] = VERSION;
  writeUuid(sessionId, value, 1);
  writeUuid(decisionId, value, 17);
  value.set(tag(value.subarray(0, SIGNED_OCTETS), key), SIGNED_OCTETS);
  return value;
}

/** The first Class that is ours; `undefined` for those of others. */
export function readClass(values: readonly Buffer[], key: Buffer): ClassContent | undefined {
  const value = values.find((candidate) => isOurs(candidate, key));
  if (value === undefined) return undefined;
  return { sessionId: formatUuid(value.subarray(1, 17)), decisionId: formatUuid(value.subarray(17, SIGNED_OCTETS)) };
}

function isOurs(value: Buffer, key: Buffer): boolean {
  if (value.length !== SIGNED_OCTETS + TAG_OCTETS || value[0] !== VERSION) return false;
  return timingSafeEqual(value.subarray(SIGNED_OCTETS), tag(value.subarray(0, SIGNED_OCTETS), key));
}

const hmacs = new WeakMap<Buffer, BlockHmac>();
/** What was computed last: whoever asks uses it before asking again. */
const digest = Buffer.alloc(HMAC_OCTETS);

function tag(signed: Buffer, key: Buffer): Buffer {
  let hmac = hmacs.get(key);
  if (hmac === undefined) hmacs.set(key, (hmac = createBlockHmac(key)));
  hmac(signed, digest, 0);
  return digest.subarray(0, TAG_OCTETS);
}
