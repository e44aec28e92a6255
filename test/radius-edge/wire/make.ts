import fc from "fast-check";
import { secret } from "../../../domain/secret.ts";
import { buildRequest, newRequestAuthenticator } from "../../../radius-edge/wire/exchange.ts";
import type { RequestDraft } from "../../../radius-edge/wire/exchange.ts";
import { decodePacket } from "../../../radius-edge/wire/packet.ts";
import type { Attribute, Encoded, Packet } from "../../../radius-edge/wire/packet.ts";

export const SECRET = secret("a shared secret of this test");

/** The packet in `bytes`, for tests whose bytes are sound. */
export function packetOf(bytes: Buffer): Packet {
  const decoded = decodePacket(bytes);
  if (decoded.kind === "drop") throw new Error(`dropped: ${decoded.reason}`);
  return decoded.packet;
}

/** The bytes, for tests whose packet fits. */
export function bytesOf(encoded: Encoded): Buffer {
  if (encoded.kind === "refused") throw new Error(encoded.sentence);
  return encoded.bytes;
}

/** An Access-Request as a NAS of ours signs it. */
export function accessRequest(attributes: readonly Attribute[], identifier = 7): Buffer {
  const draft: RequestDraft = {
    code: "Access-Request",
    identifier,
    authenticator: newRequestAuthenticator(),
    attributes,
  };
  return bytesOf(buildRequest(draft, SECRET));
}

/** A packet that carries just these attributes. */
export function carrying(...attributes: Attribute[]): Packet {
  return packetOf(accessRequest(attributes));
}

/** A datagram by hand: any code, any attribute octets, a Length that fits unless told otherwise. */
export function datagram(code: number, attributes: Buffer = Buffer.alloc(0), length = 20 + attributes.length): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(20), attributes]);
  bytes[0] = code;
  bytes.writeUInt16BE(length, 2);
  return bytes;
}

/** Any attribute but Message-Authenticator, which the wire writes itself. */
export const anyAttribute: fc.Arbitrary<Attribute> = fc.tuple(
  fc.integer({ min: 1, max: 255 }).filter((type) => type !== 80),
  fc.uint8Array({ maxLength: 253 }).map((value) => Buffer.from(value)),
);
