import fc from "fast-check";
import radius from "radius";
import * as read from "../../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../../radius-edge/wire/attribute-writers.ts";
import { ATTRIBUTE, NAS_PORT_TYPE, SERVICE_TYPE } from "../../../radius-edge/wire/attribute-type.ts";
import { textOf } from "../../../radius-edge/wire/text.ts";
import { has } from "../../../radius-edge/wire/exchange.ts";
import { anyAttribute, carrying, packetOf } from "./make.ts";
import { CAPTURES, octets, RFC2865_7_1 } from "./vectors.ts";

test("RFC 2865 §7.1: user, NAS and port", () => {
  const request = packetOf(RFC2865_7_1.request);
  expect(read.readUserName(request)).toBe("nemo");
  expect(read.readNasIpAddress(request)).toBe("192.168.1.16");
  expect(read.readNasPort(request)).toBe(3);
  expect(read.readNasIdentifier(request)).toBeUndefined();
});

test("an Aruba MAC authentication", () => {
  const request = packetOf(CAPTURES.arubaMacAuthentication.request);
  expect(read.readCallingStationId(request)).toBe("7CC537FFF8AF");
  expect(read.readCalledStationId(request)).toBe("000B86F02068");
  expect(read.readNasPortType(request)).toBe(NAS_PORT_TYPE.Wireless80211);
  expect(read.readServiceType(request)).toBe(SERVICE_TYPE.Login);
});

test("an EAP request: one EAP packet out of its pieces, and what goes with it", () => {
  const request = packetOf(CAPTURES.eapRequest.request);
  expect(read.readEapMessage(request)).toHaveLength(0xe7);
  expect(read.readFramedMtu(request)).toBe(1400);
  expect(read.readConnectInfo(request)).toBe("CONNECT 0Mbps 802.11b");
});

test("a Cisco accounting start", () => {
  const request = packetOf(CAPTURES.ciscoAccounting.request);
  expect(read.readAccountingKind(request)).toBe("start");
  expect(read.readAcctSessionId(request)).toBe("4fecc41e/7c:c5:37:ff:f8:af/9");
  expect(read.readFramedIpAddress(request)).toBe("10.2.0.252");
});

test.each(["start", "interim", "stop", "on", "off"] as const)("accounting kind %s, there and back", (kind) => {
  expect(read.readAccountingKind(carrying(write.writeAccountingKind(kind)))).toBe(kind);
});

test("an accounting kind that RFC 2866 does not know is none", () => {
  expect(read.readAccountingKind(carrying([40, octets("0000000f")]))).toBeUndefined();
});

test.each([
  ["a number of three octets", read.readNasPort, 5, octets("000001")],
  ["an address of five octets", read.readNasIpAddress, 4, octets("0a00000001")],
  ["an IPv6 address of four octets", read.readNasIpv6Address, 95, octets("0a000001")],
  ["an empty text", read.readUserName, 1, Buffer.alloc(0)],
])("%s is read as absent", (_, reader, type, value) => {
  expect(reader(carrying([type, value]))).toBeUndefined();
});

test("of two User-Names the first counts", () => {
  expect(read.readUserName(carrying(write.writeUserName("first"), write.writeUserName("second")))).toBe("first");
});

test("a text that is no UTF-8, or has a NUL, shows its octets", () => {
  const called = (value: Buffer) => read.readCalledStationId(carrying([30, value]));
  expect(called(Buffer.from("00-11-22-33-44-55:café"))).toBe("00-11-22-33-44-55:café");
  expect(called(Buffer.from("00-11-22-33-44-55:café", "latin1"))).toBe("00-11-22-33-44-55:caf\\xe9");
  expect(called(Buffer.from("a\uFFFDb"))).toBe("a\uFFFDb");
  expect(called(Buffer.from("guest\0"))).toBe("guest\\x00");
});

test("octet counters grow beyond 32 bits by their gigawords (RFC 2869 §5.1)", () => {
  const low = write.writeAcctInputOctets(5);
  expect(read.readAcctInputOctets(carrying(low))).toBe(5);
  expect(read.readAcctInputOctets(carrying(low, [52, octets("00000002")]))).toBe(2 * 2 ** 32 + 5);
  expect(read.readAcctOutputOctets(carrying(low))).toBeUndefined();
});

test("Event-Timestamp is whole seconds", () => {
  expect(read.readEventTimestampMs(carrying(write.writeEventTimestamp(1_700_000_000_999)))).toBe(1_700_000_000_000);
});

test("several Classes are kept in order", () => {
  const classes = [Buffer.from("one"), Buffer.from("two")];
  expect(read.readClasses(carrying(...classes.map(write.writeClass)))).toEqual(classes);
});

test("an EAP-Start is empty octets, no EAP is undefined", () => {
  expect(read.readEapMessage(carrying([79, Buffer.alloc(0)]))).toHaveLength(0);
  expect(read.readEapMessage(carrying())).toBeUndefined();
});

test("the audit-session-id among Cisco-AVPairs", () => {
  const pairs = ["service-type=Call Check", "audit-session-id=0A0203030000001A5F2B"];
  const request = carrying(...pairs.map(write.writeCiscoAvPair));
  expect(read.readCiscoAvPairs(request)).toEqual(pairs);
  expect(read.readAuditSessionId(request)).toBe("0A0203030000001A5F2B");
  expect(read.readAuditSessionId(carrying(write.writeCiscoAvPair("audit-session-id=")))).toBeUndefined();
});

test("Operator-Name is read without the octet of its namespace; an empty one is none (RFC 5580 §4.1)", () => {
  const name = (written: string) => read.readOperatorName(carrying([ATTRIBUTE.OperatorName, Buffer.from(written)]));
  expect(["1rival.example", "0TADIG", "1", ""].map(name)).toEqual(["rival.example", "TADIG", undefined, undefined]);
});

test("readers find, octet by octet, what the radius package sees", () => {
  // Of types whose values the package takes as they come.
  const types = [1, 11, 24, 25, 31, 32, 33, 79] as const;
  const anyOfThem = anyAttribute.map(([type, value]) => [types[type % types.length]!, value] as const);
  fc.assert(
    fc.property(fc.array(anyOfThem, { maxLength: 12 }), (attributes) => {
      const request = carrying(...attributes);
      const seen = radius.decode_without_secret({ packet: request.bytes }).raw_attributes;
      const valuesOf = (wanted: number): readonly Buffer[] =>
        seen.filter(([type]) => type === wanted).map(([, value]) => value);
      const notEmpty = (value: Buffer | undefined): Buffer | undefined => (value?.length === 0 ? undefined : value);
      const name = notEmpty(valuesOf(1)[0]);
      expect(read.readUserName(request)).toBe(name && textOf(Buffer.from(name)));
      expect(read.readState(request)).toEqual(notEmpty(valuesOf(24)[0]));
      expect(read.readClasses(request)).toEqual(valuesOf(25));
      expect(read.readProxyStates(request)).toEqual(valuesOf(33));
      expect(read.readEapMessage(request)).toEqual(valuesOf(79).length === 0 ? undefined : Buffer.concat(valuesOf(79)));
      for (const type of [1, 24, 25, 26, 33, 79, 80]) expect(has(request, type)).toBe(valuesOf(type).length > 0);
    }),
  );
});

test("any UTF-8 without NUL reads as it was written, wherever it stands", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 60 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(anyText, fc.nat(9), (written, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(written), Buffer.from([0xff])]);
      expect(textOf(bytes, before, bytes.length - 1)).toBe(written);
    }),
  );
});
