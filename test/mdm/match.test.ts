import fc from "fast-check";
import type { ManagedDevice } from "../../domain/report.ts";
import { parseDeviceId } from "../../domain/device-id.ts";
import { type Candidate, matchByDeviceId, matchByMac } from "../../mdm/match.ts";
import { byId, byMac, DEVICE_ID, MAC, OTHER_MAC, OTHER_UDID, saying } from "./tenants.ts";

const OTHER_ID = parseDeviceId(OTHER_UDID)!;
const nothing = { name: undefined, manufacturer: undefined, model: undefined };
const system = { operatingSystem: undefined, operatingSystemVersion: undefined };

function candidate(recordId: string, device: Partial<ManagedDevice> = {}, enrolled = true): Candidate {
  const whole = { deviceId: DEVICE_ID, serial: undefined, macs: [MAC], lastSeen: undefined, ...nothing, ...system };
  return { device: { ...whole, recordId, ...device }, enrolled };
}

describe("a match by device id", () => {
  test("prefers the enrolled record, then the one last seen", () => {
    const old = candidate("old", { lastSeen: 100 });
    const newer = candidate("newer", { lastSeen: 200 });
    const left = candidate("left", { lastSeen: 300 }, false);
    expect(matchByDeviceId(DEVICE_ID, [left, old, newer])).toMatchObject({ kind: "matched", record: newer });
    expect(matchByDeviceId(DEVICE_ID, [left])).toMatchObject({ kind: "matched", record: left });
  });

  test("does not believe a record that names another device", () => {
    expect(matchByDeviceId(DEVICE_ID, [candidate("1", { deviceId: OTHER_ID })])).toEqual({ kind: "stranger" });
    expect(matchByDeviceId(DEVICE_ID, [])).toEqual({ kind: "none" });
  });
});

describe("a match by MAC", () => {
  test("says which of the asked addresses it was", () => {
    const found = [candidate("1", { macs: [OTHER_MAC] })];
    expect(matchByMac(byMac(MAC, OTHER_MAC), found)).toMatchObject({ kind: "matched", matchedMac: OTHER_MAC });
  });

  test("behaviour 1.3: a record that names another device id than the certificate is refused, and says so", () => {
    const found = [candidate("1", { deviceId: OTHER_ID })];
    const refused = matchByMac(byId(MAC), found);
    expect(refused).toEqual({ kind: "refused", detail: saying(OTHER_ID) });
    expect(matchByMac(byMac(MAC), found)).toMatchObject({ kind: "matched" });
    expect(matchByMac(byId(MAC), [candidate("1", { deviceId: undefined })])).toMatchObject({ kind: "matched" });
  });

  test("two managed devices with one address are ambiguous; two records of one device, or one that left, are not", () => {
    const mine = candidate("1");
    expect(matchByMac(byMac(MAC), [mine, candidate("2", { deviceId: OTHER_ID })])).toEqual({ kind: "ambiguous" });
    expect(matchByMac(byMac(MAC), [mine, candidate("2", { lastSeen: 9 })])).toMatchObject({
      record: { device: { recordId: "2" } },
    });
    expect(matchByMac(byMac(MAC), [mine, candidate("2", { deviceId: OTHER_ID }, false)])).toMatchObject({
      record: mine,
    });
  });

  test("a record without the asked address is not believed: some servers ignore filters and send everything", () => {
    expect(matchByMac(byMac(MAC), [candidate("1", { macs: [OTHER_MAC] })])).toEqual({ kind: "stranger" });
    expect(matchByMac(byMac(MAC), [])).toEqual({ kind: "none" });
  });

  test("behaviour 1.3: nothing that matches ever names another device id, or lacks the address", () => {
    const device = fc.record({
      deviceId: fc.constantFrom(DEVICE_ID, OTHER_ID, undefined),
      macs: fc.subarray([MAC, OTHER_MAC]),
      lastSeen: fc.nat(),
    });
    const found = fc.array(fc.tuple(device, fc.boolean()), { maxLength: 5 });
    fc.assert(
      fc.property(found, (records) => {
        const match = matchByMac(
          byId(MAC),
          records.map(([given, enrolled], index) => candidate(String(index), given, enrolled)),
        );
        if (match.kind !== "matched") return;
        expect([DEVICE_ID, undefined]).toContain(match.record.device.deviceId);
        expect(match.record.device.macs).toContain(match.matchedMac);
      }),
    );
  });
});
