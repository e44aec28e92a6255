import { readVendorAttributes, readVendorValues, VENDOR } from "../../../radius-edge/wire/vendor-attribute.ts";
import { carrying, packetOf } from "./make.ts";
import { CAPTURES, octets } from "./vectors.ts";

test("Aruba's own attributes in a MAC authentication", () => {
  const request = packetOf(CAPTURES.arubaMacAuthentication.request);
  expect(readVendorAttributes(request)).toEqual([
    { vendorId: VENDOR.Aruba, vendorType: 5, value: Buffer.from("muir-aruba-guest") },
    { vendorId: VENDOR.Aruba, vendorType: 6, value: Buffer.from("00:1a:1e:c6:b0:ca") },
    { vendorId: VENDOR.Aruba, vendorType: 10, value: Buffer.from("cloud-cp") },
  ]);
});

test("several of a vendor's attributes in one Vendor-Specific", () => {
  const request = carrying([26, octets("00000009 01 04 6161 01 04 6262")]);
  expect(readVendorValues(request, VENDOR.Cisco, 1)).toEqual([Buffer.from("aa"), Buffer.from("bb")]);
});

test.each([
  ["no vendor id", ""],
  ["half a vendor id", "0000"],
  ["a vendor id and nothing else", "00000009"],
  ["a vendor length of 0", "00000009 01 00 6161"],
  ["a vendor length that overruns", "00000009 01 ff 6161"],
  ["a vendor type without a length", "00000009 01"],
  ["a vendor's own layout", "00001fe4 0001 0006 0000"],
])("%s is left out and spoils nothing", (_, hex) => {
  const request = carrying([26, octets(hex)], [26, octets("00000009 01 04 6161")]);
  expect(readVendorAttributes(request)).toEqual([{ vendorId: 9, vendorType: 1, value: Buffer.from("aa") }]);
});

test("a vendor id of 2²⁴ and more is read as any other", () => {
  expect(readVendorAttributes(carrying([26, octets("01000009 01 03 61")]))).toMatchObject([{ vendorId: 0x0100_0009 }]);
});
