import { createHash, timingSafeEqual } from "node:crypto";
import { ATTRIBUTE } from "./attribute-type.ts";
import type { Packet } from "./packet.ts";

/** RFC 2865 §5.3: the CHAP identifier, then 16 octets of MD5. */
const CHAP_PASSWORD_OCTETS = 17;

/** What a client answered to a CHAP challenge. */
export interface ChapAnswer {
  /** Whether it was made with this password. In constant time. */
  isOf(password: string): boolean;
}

/** The CHAP-Password of an Access-Request; `undefined` when there is none, or one of an impossible length. */
export function readChapAnswer(request: Packet): ChapAnswer | undefined {
  const value = request.attributes.find(([type]) => type === ATTRIBUTE.ChapPassword)?.[1];
  if (value?.length !== CHAP_PASSWORD_OCTETS) return undefined;
  // RFC 2865 §2.2: without a CHAP-Challenge the Request Authenticator is the challenge.
  const given = request.attributes.find(([type]) => type === ATTRIBUTE.ChapChallenge)?.[1];
  const challenge = given ?? request.authenticator;
  const [identifier, answer] = [value.subarray(0, 1), value.subarray(1)];
  return {
    // RFC 1994 §4.1.
    isOf: (password) =>
      timingSafeEqual(createHash("md5").update(identifier).update(password).update(challenge).digest(), answer),
  };
}
