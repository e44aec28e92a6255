import { ATTRIBUTE } from "./attribute-type.ts";
import type { Packet } from "./packet.ts";
import { HEADER_OCTETS } from "./scan.ts";

/** What a NAS, or a proxy for its own use, makes anew for each request, and what hides by it. */
const OF_ONE_REQUEST: ReadonlySet<number> = new Set([
  ATTRIBUTE.UserPassword,
  ATTRIBUTE.ChapPassword,
  ATTRIBUTE.ChapChallenge,
  ATTRIBUTE.ProxyState,
  ATTRIBUTE.EventTimestamp,
  ATTRIBUTE.MessageAuthenticator,
]);

/** NASes take a few hundred octets; whoever fills his requests must not fill the memory of those who remember them. */
const OCTETS_AT_MOST = 1_024;

const scratch = Buffer.alloc(OCTETS_AT_MOST);

/**
 * The attributes of a request as octets in a text, of those that are `OF_ONE_REQUEST` the type alone: equal for two requests
 * that say the same. Neither what it hides nor who signed it is part of it. `undefined`: it is longer than `OCTETS_AT_MOST`.
 */
export function wordsOf({ bytes }: Packet): string | undefined {
  if (bytes.length > OCTETS_AT_MOST) return undefined;
  let kept = 0;
  let from = HEADER_OCTETS;
  for (let offset = HEADER_OCTETS; offset < bytes.length; offset += bytes[offset + 1]!) {
    if (!OF_ONE_REQUEST.has(bytes[offset]!)) continue;
    // Up to and with the type octet; the next stretch begins behind the value.
    kept += bytes.copy(scratch, kept, from, offset + 1);
    from = offset + bytes[offset + 1]!;
  }
  kept += bytes.copy(scratch, kept, from);
  return scratch.toString("latin1", 0, kept);
}
