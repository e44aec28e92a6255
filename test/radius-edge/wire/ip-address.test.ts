import fc from "fast-check";
import { ipv4Octets, ipv4Text, ipv6Octets, ipv6Text } from "../../../radius-edge/wire/ip-address.ts";

test.each([
  ["0.0.0.0", "00000000"],
  ["192.0.2.255", "c00002ff"],
])("IPv4 %s", (text, hex) => {
  expect(ipv4Octets(text)?.toString("hex")).toBe(hex);
  expect(ipv4Text(Buffer.from(hex, "hex"))).toBe(text);
});

// RFC 5952 §4 and §1.
test.each([
  ["::", "00000000000000000000000000000000"],
  ["::1", "00000000000000000000000000000001"],
  ["2001:db8::1", "20010db8000000000000000000000001"],
  ["2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001"],
  ["2001:db8::1:0:0:1", "20010db8000000000001000000000001"],
  ["2001:0:0:1::1", "20010000000000010000000000000001"],
  ["fe80::", "fe800000000000000000000000000000"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["10:0:100::", "00100000010000000000000000000000"],
])("IPv6 %s is canonical", (text, hex) => {
  expect(ipv6Text(Buffer.from(hex, "hex"))).toBe(text);
  expect(ipv6Octets(text)?.toString("hex")).toBe(hex);
});

test("any IPv6 address, there and back", () => {
  const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (numbers) => {
      const octets = Buffer.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
      expect(ipv6Octets(ipv6Text(octets)!)).toEqual(octets);
    }),
  );
});

test.each(["", ":", ":::", "1:2:3", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7::8", "g::", "12345::", "::1%eth0"])(
  "%p is no IPv6 address",
  (text) => {
    expect(ipv6Octets(text)).toBeUndefined();
  },
);

test.each(["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.x", "1.2.3.1000", " 1.2.3.4"])(
  "%p is no IPv4 address",
  (text) => {
    expect(ipv4Octets(text)).toBeUndefined();
  },
);
