import fc from "fast-check";
import { createAddressGuard } from "../../outbound/address-guard.ts";

const PRIVATE = [
  "127.0.0.1", "10.9.8.7", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "198.18.0.1",
  "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2002:7f00:1::",
  "64:ff9b::a00:1", "::ffff:127.0.0.1", "::ffff:a00:1", "::127.0.0.1",
]; // prettier-ignore
const PUBLIC = ["1.1.1.1", "172.32.0.1", "100.128.0.1", "223.255.255.255", "2606:4700::1111", "::ffff:1.1.1.1"];

describe("the address guard", () => {
  const guard = createAddressGuard([]);

  test.each(PRIVATE)("refuses %s", (address) => expect(guard.isPermitted(address)).toBe(false));
  test.each(PUBLIC)("permits %s, which is public", (address) => expect(guard.isPermitted(address)).toBe(true));

  test("permits what the operator allowed, and calls it exempt", () => {
    const allowing = createAddressGuard(["10.1.0.0/16", "fd00:1::/32", "127.0.0.1"]);
    expect(["10.1.2.3", "fd00:1::5", "127.0.0.1", "::ffff:10.1.2.3"].map(allowing.isPermitted)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect(["10.2.0.1", "127.0.0.2", "fd00:2::1"].some(allowing.isPermitted)).toBe(false);
    expect(allowing.isExempt("10.1.2.3")).toBe(true);
    expect(allowing.isExempt("1.1.1.1")).toBe(false);
  });

  test("a host name or garbage is no address, and is not permitted", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(guard.isPermitted(`x${text}`)).toBe(false)));
  });

  test("every address of a private network is refused, in IPv4 and mapped into IPv6", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet), ([a, b, c]) => {
        const address = `10.${a}.${b}.${c}`;
        expect([address, `::ffff:${address}`].some(guard.isPermitted)).toBe(false);
      }),
    );
  });

  test.each(["10.0.0.0/33", "10.0.0.0/", "example.com", "", "10.0.0.0/8/9", "fd00::/129"])(
    "says that %p is no network",
    (network) => expect(() => createAddressGuard([network])).toThrow(`"${network}" is no network`),
  );
});
