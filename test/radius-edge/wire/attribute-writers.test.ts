import fc from "fast-check";
import { readEapMessage, readNasIpAddress, readNasIpv6Address } from "../../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../../radius-edge/wire/attribute-writers.ts";
import { carrying } from "./make.ts";
import { octets } from "./vectors.ts";

test("a VLAN by number: RFC 3580 §3.31, tag 0", () => {
  expect(write.writeVlan("42")).toEqual([
    [64, octets("00 00000d")],
    [65, octets("00 000006")],
    [81, octets("00 3432")],
  ]);
});

test("a VLAN by name, and another tag", () => {
  expect(write.writeVlan("staff", 1)).toEqual([
    [64, octets("01 00000d")],
    [65, octets("01 000006")],
    [81, Buffer.from("\x01staff")],
  ]);
});

test("an EAP packet of any length, in pieces of 253, there and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 1600 }), (bytes) => {
      const eap = Buffer.from(bytes);
      const pieces = write.writeEapMessage(eap);
      expect(pieces).toHaveLength(Math.ceil(eap.length / 253));
      expect(pieces.slice(0, -1).every(([, value]) => value.length === 253)).toBe(true);
      expect(readEapMessage(carrying(...pieces))).toEqual(eap);
    }),
  );
});

test("Egress-VLAN-Name says tagged or untagged before the name (RFC 4675 §2.3)", () => {
  expect(write.writeEgressVlanName("1vlan-30")).toEqual([58, Buffer.from("1vlan-30")]);
  expect(write.writeEgressVlanName("2voice")).toEqual([58, Buffer.from("2voice")]);
  expect(write.writeEgressVlanName("vlan-30")).toBeUndefined();
  expect(write.writeEgressVlanName("1")).toBeUndefined();
});

test("the NAS's address goes into the attribute of its family", () => {
  expect(readNasIpAddress(carrying(write.writeNasAddress("192.0.2.7")!))).toBe("192.0.2.7");
  expect(readNasIpv6Address(carrying(write.writeNasAddress("2001:db8::7")!))).toBe("2001:db8::7");
  expect(write.writeNasAddress("ap-7.example.net")).toBeUndefined();
  expect(write.writeFramedAddress("192.0.2.256")).toBeUndefined();
});

test("timers and actions", () => {
  expect(write.writeSessionTimeout(3600)).toEqual([27, octets("00000e10")]);
  expect(write.writeAcctInterimInterval(600)).toEqual([85, octets("00000258")]);
  expect(write.writeTerminationAction("RADIUS-Request")).toEqual([29, octets("00000001")]);
  expect(write.writeTerminationAction("Default")).toEqual([29, octets("00000000")]);
  expect(() => write.writeSessionTimeout(-1)).toThrow("out of range");
});

test("a Cisco-AVPair is attribute 1 of vendor 9", () => {
  expect(write.writeCiscoAvPair("a=b")).toEqual([26, octets("00000009 01 05 613d62")]);
});
