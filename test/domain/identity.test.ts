import fc from "fast-check";
import { parseDeviceId } from "../../domain/device-id.ts";
import { identityKey, identityOf, parseIdentityKey } from "../../domain/identity.ts";
import { formatUuid, uuidV7, writeUuid } from "../../domain/identifiers.ts";
import { colonMac, hyphenatedMac, isIdentifyingMac, isRandomizedMac, parseMac } from "../../domain/mac-address.ts";
import { certificate, evidence, DEVICE_ID, MAC, NOW } from "../support/domain-values.ts";

describe("MAC addresses", () => {
  test.each([
    "a483e7112233",
    "A4-83-E7-11-22-33",
    "a4:83:e7:11:22:33",
    "a483.e711.2233",
    "a483e7-112233",
    " A483E7112233 ",
  ])("%s is read", (text) => expect(parseMac(text)).toBe("a483e7112233"));
  test.each(["", "a483e711223", "a4:83-e7:11:22:33", "a4:83:e7:11:22:3g", "a483e71122330", "alice"])(
    "%p is refused",
    (text) => expect(parseMac(text)).toBeUndefined(),
  );
  test("every notation written is read back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        const mac = parseMac(Buffer.from(bytes).toString("hex"))!;
        expect(parseMac(colonMac(mac))).toBe(mac);
        expect(parseMac(hyphenatedMac(mac))).toBe(mac);
      }),
    );
  });
  test("randomized, multicast and shared addresses identify no device", () => {
    expect(isRandomizedMac(parseMac("82:45:58:44:dc:01")!)).toBe(true);
    for (const text of [
      "824558:44dc01".replace(":", "-"),
      "01:00:5e:00:00:01",
      "ac:de:48:00:11:22",
      "00:00:00:00:00:00",
    ]) {
      expect(isIdentifyingMac(parseMac(text)!)).toBe(false);
    }
    expect(isIdentifyingMac(MAC)).toBe(true);
  });
});

describe("device ids", () => {
  test.each([
    [DEVICE_ID, "d20e0f3d66af4b92b31e1da394df1e88"],
    ["00008030-001C2D2E3C38802E", "00008030001c2d2e3c38802e"],
    ["0dad565fb40b010a9e490440188063a378721069", "0dad565fb40b010a9e490440188063a378721069"],
  ])("%s", (text, id) => expect(parseDeviceId(text)).toBe(id));
  test.each([
    "mac-01.acme.example",
    "00000000-0000-0000-0000-000000000000",
    "",
    "a483e7112233",
    "d20e0f3d66af4b92b31e1da394df1e8",
  ])("behaviour 1.3: %p is not shaped like a device id and never reaches an MDM", (text) =>
    expect(parseDeviceId(text)).toBeUndefined(),
  );
});

describe("identity", () => {
  test("behaviour 1.1: the certificate's device id is the identity on any MAC", () => {
    const onWifi = identityOf(evidence());
    const onDock = identityOf(evidence({ mac: parseMac("00:e0:4c:68:00:01")! }));
    expect(identityKey(onWifi!)).toBe(identityKey(onDock!));
  });
  test("without a device id the MAC is the identity", () => {
    const key = identityKey(identityOf(evidence({ certificate: certificate({ sanDns: ["mac-01.acme.example"] }) }))!);
    expect(key).toBe("mac:a483e7112233");
  });
  test("behaviour 1.3: a randomized MAC without device id has no identity", () => {
    const randomized = evidence({ mac: parseMac("da:a1:19:00:00:01")!, certificate: certificate({ sanDns: [] }) });
    expect(identityOf(randomized)).toBeUndefined();
  });
  test("keys are read back", () => {
    for (const text of [
      "mac:a483e7112233",
      "device:00008030001c2d2e3c38802e",
      "device:d20e0f3d66af4b92b31e1da394df1e88",
    ]) {
      expect(identityKey(parseIdentityKey(text)!)).toBe(text);
    }
    expect(parseIdentityKey("device:alice")).toBeUndefined();
  });
});

test("UUIDv7 sorts by time and survives its bytes", () => {
  const random = new Uint8Array(10).fill(0xff);
  const early = uuidV7<string>(NOW, random);
  expect(early < uuidV7<string>(NOW + 1, new Uint8Array(10))).toBe(true);
  expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseInt(early.replaceAll("-", "").slice(0, 12), 16)).toBe(NOW);
  const bytes = new Uint8Array(17);
  writeUuid(early, bytes, 1);
  expect(formatUuid(bytes.subarray(1))).toBe(early);
});
