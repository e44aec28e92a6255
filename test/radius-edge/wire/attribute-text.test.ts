import fc from "fast-check";
import { parseAttributeText } from "../../../radius-edge/wire/attribute-text.ts";
import { octets } from "./vectors.ts";

test.each([
  ["Idle-Timeout=600", 28, octets("00000258")],
  [" Idle-Timeout = 600 ", 28, octets("00000258")],
  ["Filter-Id=acl=guest, strict", 11, Buffer.from("acl=guest, strict")],
  ["Filter-Id=5", 11, Buffer.from("5")],
  ["Filter-Id=größer", 11, Buffer.from("größer")],
  ["Termination-Action=RADIUS-Request", 29, octets("00000001")],
  ["Termination-Action=1", 29, octets("00000001")],
  ["Framed-IP-Netmask=255.255.255.0", 9, octets("ffffff00")],
  ["Session-Timeout=4294967295", 27, octets("ffffffff")],
  ["Tunnel-Type=VLAN", 64, octets("0000000d")],
  ["Tunnel-Type=13", 64, octets("0000000d")],
  ["Tunnel-Private-Group-Id=42", 81, Buffer.from("42")],
  ["Cisco-AVPair=ip:inacl#1=permit ip any any", 26, Buffer.from("\0\0\0\x09\x01\x1eip:inacl#1=permit ip any any")],
  ["Aruba-User-Role=staff", 26, octets("000039e7 01 07 7374616666")],
  ["Aruba-User-Vlan=30", 26, octets("000039e7 02 06 0000001e")],
])("%s", (text, type, value) => {
  expect(parseAttributeText(text)).toEqual({ kind: "attribute", attribute: [type, value] });
});

test.each([
  ["Idle-Timeout", '"Idle-Timeout" is not of the form Name=value.'],
  ["Idle-Timeout=", "Idle-Timeout has no value."],
  ["Idle-Timeout=soon", 'Idle-Timeout does not take the value "soon".'],
  ["Idle-Timeout=-1", 'Idle-Timeout does not take the value "-1".'],
  ["Idle-Timeout=1.5", 'Idle-Timeout does not take the value "1.5".'],
  ["Idle-Timeout=0x10", 'Idle-Timeout does not take the value "0x10".'],
  ["Idle-Timeout=4294967296", 'Idle-Timeout does not take the value "4294967296".'],
  ["Termination-Action=1.5", 'Termination-Action does not take the value "1.5".'],
  ["Framed-IP-Address=300.0.0.1", 'Framed-IP-Address does not take the value "300.0.0.1".'],
  ["Event-Timestamp=0", 'Event-Timestamp does not take the value "0".'],
  ["Idle-timeout=600", 'No RADIUS attribute is known by the name "Idle-timeout".'],
  ["28=600", 'No RADIUS attribute is known by the name "28".'],
  ["__proto__=600", 'No RADIUS attribute is known by the name "__proto__".'],
  ["=600", 'No RADIUS attribute is known by the name "".'],
  ["Message-Authenticator=x", "Message-Authenticator is written by the edge itself."],
  ["Class=x", "Class is written by the edge itself."],
  ["User-Name=x", "User-Name is written by the edge itself."],
  ["Chargeable-User-Identity=x", "Chargeable-User-Identity is written by the edge itself."],
  ["Tunnel-Password=x", "Tunnel-Password is written by the edge itself."],
  ["Aruba-User-Vlan=staff", 'Aruba-User-Vlan takes a whole number, not "staff".'],
  [`Filter-Id=${"x".repeat(254)}`, "Filter-Id takes at most 253 octets."],
  [`Cisco-AVPair=${"x".repeat(248)}`, "Cisco-AVPair takes at most 247 octets."],
])("%s is refused by name", (text, sentence) => {
  expect(parseAttributeText(text)).toEqual({ kind: "refused", sentence });
});

test("any text is an attribute that fits, or refused with a sentence", () => {
  const names = fc.constantFrom(
    "Filter-Id",
    "Idle-Timeout",
    "Framed-IP-Address",
    "NAS-Port-Type",
    "Cisco-AVPair",
    "Tunnel-Type",
    "X",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.tuple(names, fc.string({ unit: "binary" })).map((pair) => pair.join("=")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseAttributeText(text);
      const isSound = parsed.kind === "attribute" ? parsed.attribute[1].length <= 253 : parsed.sentence.endsWith(".");
      expect(isSound).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
