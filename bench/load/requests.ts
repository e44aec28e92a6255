/** MAC authentication as a Catalyst switch sends it: octets made here, not with the product's codec, which is under test. */
import { createHash, createHmac, randomBytes } from "node:crypto";

/** The shared secret of the benchmark's NAS, known to every server. */
export const SECRET = "the-nas-of-a-benchmark";
/** 391 rows of 256 identifiers: about 100,000 clients, and no multiple of the sockets. */
export const CLIENTS = 391 * 256;
/** The VLAN that right answers carry. */
export const VLAN = "100";

const HEADER_OCTETS = 20;
const MESSAGE_AUTHENTICATOR_OFFSET = HEADER_OCTETS + 2;

/** 12 digits, of a vendor's block: a randomized MAC would have no verdict. */
export function macOf(client: number): string {
  return `a483e7${client.toString(16).padStart(6, "0")}`;
}

/** More than a request has. */
const ROOM_OCTETS = 512;

/** One signed Access-Request for each client; its identifier is `client` modulo 256. */
export interface Requests {
  readonly each: readonly Buffer[];
  /** The memory that they lie in, which threads may share. */
  readonly octets: SharedArrayBuffer;
}

export function buildRequests(): Requests {
  const octets = new SharedArrayBuffer(CLIENTS * ROOM_OCTETS);
  const each = Array.from({ length: CLIENTS }, (_, client) => {
    buildRequest(client).copy(Buffer.from(octets, client * ROOM_OCTETS, ROOM_OCTETS));
    return requestIn(octets, client);
  });
  return { each, octets };
}

/** The request of a client, not copied. It says itself how long it is (RFC 2865 §3, Length). */
export function requestIn(octets: SharedArrayBuffer, client: number): Buffer {
  const room = Buffer.from(octets, client * ROOM_OCTETS, ROOM_OCTETS);
  return room.subarray(0, room.readUInt16BE(2));
}

/** 18 attributes: RFC 2865 §5, with Message-Authenticator (RFC 3579 §3.2) first. */
export function buildRequest(client: number): Buffer {
  const mac = macOf(client);
  const port = (client % 48) + 1;
  const authenticator = randomBytes(16);
  const attributes = Buffer.concat([
    attribute(80, Buffer.alloc(16)),
    text(1, mac),
    attribute(2, hidden(mac, authenticator)),
    integer(6, 2),
    ciscoAvPair("service-type=Framed"),
    integer(12, 1468),
    ciscoAvPair(`audit-session-id=0A0A0A01${client.toString(16).toUpperCase().padStart(8, "0")}`),
    ciscoAvPair("method=mab"),
    integer(8, 0x0a_14_00_00 + (client & 0xffff)),
    integer(4, 0x0a_0a_0a_01),
    text(87, `GigabitEthernet1/0/${port}`),
    integer(61, 15),
    integer(5, 50_100 + port),
    text(30, `70-B3-D5-10-20-${port.toString(16).toUpperCase().padStart(2, "0")}`),
    text(31, mac.toUpperCase().replace(/..(?!$)/g, "$&-")),
    text(32, "sw-access-01.example.net"),
    text(44, client.toString(16).toUpperCase().padStart(8, "0")),
    ciscoAvPair("client-iif-id=285212672"),
  ]);
  const packet = Buffer.concat([Buffer.from([1, client % 256, 0, 0]), authenticator, attributes]);
  packet.writeUInt16BE(packet.length, 2);
  createHmac("md5", SECRET).update(packet).digest().copy(packet, MESSAGE_AUTHENTICATOR_OFFSET);
  return packet;
}

/** RFC 2865 §5.2, for one block: a MAC has 12 characters. */
function hidden(password: string, authenticator: Buffer): Buffer {
  const mask = createHash("md5").update(SECRET).update(authenticator).digest();
  const padded = Buffer.alloc(16);
  padded.write(password);
  return Buffer.from(padded.map((octet, i) => octet ^ mask[i]!));
}

function attribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length + 2]), value]);
}

function text(type: number, value: string): Buffer {
  return attribute(type, Buffer.from(value));
}

function integer(type: number, value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return attribute(type, octets);
}

/** Vendor-Specific (RFC 2865 §5.26), vendor 9, type 1. */
function ciscoAvPair(pair: string): Buffer {
  return attribute(26, Buffer.concat([Buffer.from([0, 0, 0, 9]), text(1, pair)]));
}
