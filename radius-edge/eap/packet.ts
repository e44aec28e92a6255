/** EAP packets, RFC 3748 §4. Everything that arrives is hostile until decoded; what cannot be decoded says why. */

/** RFC 3748 §4. */
const CODE = { request: 1, response: 2, success: 3, failure: 4 } as const;

/** RFC 3748 §5 and the IANA registry of method types. */
export const EAP_TYPE = { identity: 1, nak: 3, md5: 4, tls: 13, ttls: 21, expanded: 254 } as const;

/** Code, Identifier, Length: 4 octets. Requests and Responses add a Type octet (RFC 3748 §4.1). */
const HEADER_OCTETS = 4;
export const EAP_OVERHEAD_OCTETS = HEADER_OCTETS + 1;

/** A Request or a Response: one method's message. `typeData` excludes the Type octet. */
export interface EapMessage {
  readonly kind: "request" | "response";
  readonly identifier: number;
  readonly type: number;
  readonly typeData: Buffer;
}

/** Success or Failure, RFC 3748 §4.2: no data. */
export interface EapOutcome {
  readonly kind: "success" | "failure";
  readonly identifier: number;
}

export type DecodedEap = EapMessage | EapOutcome | { readonly kind: "malformed"; readonly sentence: string };

/** Reads one EAP packet. Octets beyond its Length are link padding and ignored, as RFC 3748 §4.1 asks. */
export function decodeEap(bytes: Buffer): DecodedEap {
  if (bytes.length < HEADER_OCTETS) return malformed(`An EAP packet has at least 4 octets; this has ${bytes.length}.`);
  const code = bytes.readUInt8(0);
  const identifier = bytes.readUInt8(1);
  const length = bytes.readUInt16BE(2);
  if (length > bytes.length) return malformed(`EAP Length is ${length}, but only ${bytes.length} octets arrived.`);
  switch (code) {
    case CODE.request:
    case CODE.response: {
      if (length < EAP_OVERHEAD_OCTETS)
        return malformed(`An EAP message of ${length} octets has no room for its Type.`);
      const kind = code === CODE.request ? "request" : "response";
      const typeData = bytes.subarray(EAP_OVERHEAD_OCTETS, length);
      return { kind, identifier, type: bytes.readUInt8(HEADER_OCTETS), typeData };
    }
    case CODE.success:
    case CODE.failure:
      if (length !== HEADER_OCTETS) return malformed(`EAP Success and Failure have 4 octets; this has ${length}.`);
      return { kind: code === CODE.success ? "success" : "failure", identifier };
    default:
      return malformed(`EAP code ${code} is not one of 1 to 4.`);
  }
}

/** Writes a Request or a Response. `typeData` must fit the 16-bit Length. */
export function encodeEapMessage(message: EapMessage): Buffer {
  const header = Buffer.alloc(EAP_OVERHEAD_OCTETS);
  header.writeUInt8(CODE[message.kind], 0);
  header.writeUInt8(message.identifier, 1);
  header.writeUInt16BE(EAP_OVERHEAD_OCTETS + message.typeData.length, 2);
  header.writeUInt8(message.type, HEADER_OCTETS);
  return Buffer.concat([header, message.typeData]);
}

/** Success or Failure; its Identifier is that of the Response it answers (RFC 3748 §4.2). */
export function encodeEapOutcome(outcome: EapOutcome): Buffer {
  return Buffer.from([CODE[outcome.kind], outcome.identifier, 0, HEADER_OCTETS]);
}

function malformed(sentence: string): DecodedEap {
  return { kind: "malformed", sentence };
}
