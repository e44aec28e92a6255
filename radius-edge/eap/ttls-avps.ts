/** What a client says within the tunnel of EAP-TTLS: Diameter's AVPs, RFC 5281 §10.1. Hostile until decoded. */

/** Code (4 octets), flags (1), length (3); with the V flag a Vendor-ID (4). */
const HEADER_OCTETS = 8;
const VENDOR_OCTETS = 4;
/** Vendor-ID follows; the recipient must understand it or refuse. The other bits are reserved and ignored. */
const FLAG = { vendor: 0x80, mandatory: 0x40 } as const;
/** Each AVP is padded to a multiple of this. */
const ALIGNMENT = 4;

/** `vendor` 0: the codes of RADIUS attributes. */
export interface Avp {
  readonly code: number;
  readonly vendor: number;
  readonly isMandatory: boolean;
  readonly data: Buffer;
}

export type DecodedAvps =
  | { readonly kind: "avps"; readonly avps: readonly Avp[] }
  | { readonly kind: "malformed"; readonly sentence: string };

export function decodeAvps(bytes: Buffer): DecodedAvps {
  const avps: Avp[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < HEADER_OCTETS) return malformed("An AVP ends within its header.");
    const flags = bytes.readUInt8(at + 4);
    const length = bytes.readUIntBE(at + 5, 3);
    const hasVendor = (flags & FLAG.vendor) !== 0;
    const start = HEADER_OCTETS + (hasVendor ? VENDOR_OCTETS : 0);
    if (length < start) return malformed(`An AVP of ${length} octets has no room for its header.`);
    const next = at + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    if (next > bytes.length) return malformed(`An AVP of ${length} octets, padding apart, reaches beyond the message.`);
    avps.push({
      code: bytes.readUInt32BE(at),
      vendor: hasVendor ? bytes.readUInt32BE(at + HEADER_OCTETS) : 0,
      isMandatory: (flags & FLAG.mandatory) !== 0,
      data: bytes.subarray(at + start, at + length),
    });
    at = next;
  }
  return { kind: "avps", avps };
}

/** Writes AVPs as a client does, each padded and mandatory. */
export function encodeAvps(avps: readonly Pick<Avp, "code" | "vendor" | "data">[]): Buffer {
  return Buffer.concat(
    avps.map(({ code, vendor, data }) => {
      const length = HEADER_OCTETS + (vendor === 0 ? 0 : VENDOR_OCTETS) + data.length;
      const avp = Buffer.alloc(Math.ceil(length / ALIGNMENT) * ALIGNMENT);
      avp.writeUInt32BE(code, 0);
      avp.writeUInt8(FLAG.mandatory | (vendor === 0 ? 0 : FLAG.vendor), 4);
      avp.writeUIntBE(length, 5, 3);
      if (vendor !== 0) avp.writeUInt32BE(vendor, HEADER_OCTETS);
      data.copy(avp, length - data.length);
      return avp;
    }),
  );
}

function malformed(sentence: string): DecodedAvps {
  return { kind: "malformed", sentence };
}
