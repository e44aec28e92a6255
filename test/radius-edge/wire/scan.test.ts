import { scan } from "../../../radius-edge/wire/scan.ts";
import { datagram, SECRET, accessRequest } from "./make.ts";
import { writeUserName } from "../../../radius-edge/wire/attribute-writers.ts";
import { verifyRequest } from "../../../radius-edge/wire/exchange.ts";
import { packetOf } from "./make.ts";
import { octets } from "./vectors.ts";

const MESSAGE_AUTHENTICATOR = Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16)]);

test.each([
  ["nothing at all", Buffer.alloc(0), "too-short"],
  ["19 octets, one short of a header", Buffer.alloc(19), "too-short"],
  ["a Length below 20", datagram(1, Buffer.alloc(0), 19), "length-mismatch"],
  ["a Length beyond what came", datagram(1, Buffer.alloc(0), 21), "length-mismatch"],
  ["a Length above 4096", datagram(1, Buffer.alloc(4077, 1), 4097), "length-mismatch"],
  ["an attribute cut off after its type", datagram(1, octets("01")), "attribute-overrun"],
  ["an attribute of length 0", datagram(1, octets("01 00")), "attribute-overrun"],
  ["an attribute of length 1", datagram(1, octets("01 01")), "attribute-overrun"],
  ["an attribute that overruns the packet", datagram(1, octets("01 c8 41 42")), "attribute-overrun"],
  ["an attribute that reaches into the padding", datagram(1, octets("01 04 41 42"), 23), "attribute-overrun"],
  ["a Message-Authenticator of 4 octets", datagram(1, octets("50 04 01 02")), "message-authenticator-malformed"],
  [
    "two Message-Authenticators",
    datagram(1, Buffer.concat([MESSAGE_AUTHENTICATOR, MESSAGE_AUTHENTICATOR])),
    "message-authenticator-repeated",
  ],
])("%s is dropped by its name", (_, bytes, reason) => {
  expect(scan(bytes)).toEqual({ kind: "drop", reason });
});

test("a bare header and an EAP-Start of no octets pass", () => {
  expect(scan(datagram(12))).toEqual({ kind: "ok", length: 20, messageAuthenticatorOffset: undefined });
  expect(scan(datagram(1, octets("4f 02")))).toMatchObject({ kind: "ok", length: 22 });
});

test("the Message-Authenticator is found where it stands", () => {
  const attributes = Buffer.concat([octets("01 03 41"), MESSAGE_AUTHENTICATOR]);
  expect(scan(datagram(1, attributes))).toEqual({ kind: "ok", length: 41, messageAuthenticatorOffset: 23 });
});

test("octets after the packet are padding: no attribute, and outside every authenticator (RFC 2865 §3)", () => {
  const padded = Buffer.concat([accessRequest([writeUserName("nemo")]), octets("01 05 65 76 65")]);
  const packet = packetOf(padded);
  expect(packet.attributes.map(([type]) => type)).toEqual([80, 1]);
  expect(verifyRequest(packet, SECRET)).toEqual({ kind: "authentic" });
});
