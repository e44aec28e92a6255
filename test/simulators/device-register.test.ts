import { DeviceRegister } from "../../simulators/device-register.ts";

const UDID = "246F2E58-14C0-5684-AB92-6BCAF5D73838";

function register(now: () => number = () => 1_000): DeviceRegister {
  return new DeviceRegister({ firstId: 1, sequenceOf: (kind) => (kind === "mac" ? "computer" : "mobile"), now });
}

test("records of one sequence are numbered in the order in which they came, each sequence apart", () => {
  const devices = register();
  const ids = (["mac", "iphone", "mac", "ipad"] as const).map((kind) => devices.add({ kind }).id);
  expect(ids).toEqual([1, 1, 2, 2]);
});

test.each(["246f2e5814c05684ab926bcaf5d73838", UDID, "A483.E711.2233", "a4:83:e7:11:22:33"])(
  "a record is named by any spelling of any of its ids: %s",
  (key) => {
    const devices = register();
    const added = devices.add({ kind: "mac", udid: UDID, macAddress: "A483E7112233" });
    expect(devices.matching(key)).toEqual([added]);
  },
);

test("a device without UDID and address is not found by an empty key", () => {
  const devices = register();
  devices.add({ kind: "ipad" });
  expect(devices.matching("")).toEqual([]);
});

test("a change of state is dated, and one of another field leaves that date alone", () => {
  let now = 1_000;
  const devices = register(() => now);
  devices.add({ kind: "mac", udid: UDID });
  now = 2_000;
  expect(devices.change(UDID, { compliance: "compliant" })[0]).toMatchObject({ statusChangedAt: 2_000, seenAt: 2_000 });
  now = 3_000;
  expect(devices.change(UDID, { name: "lab" })[0]).toMatchObject({ statusChangedAt: 2_000, seenAt: 3_000 });
});

test("a duplicate shares the device's ids but not the record's, and changes with it unless named by UUID", () => {
  const devices = register();
  const first = devices.add({ kind: "mac", udid: UDID });
  const second = devices.duplicate(UDID, { enrollment: "unenrolled" });
  expect(second).toMatchObject({ udid: UDID, id: first.id + 1, enrollment: "unenrolled" });
  expect(second.uuid).not.toBe(first.uuid);
  expect(devices.change(UDID, { compliance: "blocked" })).toHaveLength(2);
  devices.change(second.uuid, { compliance: "compliant" });
  expect(devices.all.map(({ compliance }) => compliance)).toEqual(["blocked", "compliant"]);
});

test("changing or removing a device that is not there throws, so that no test flips nothing", () => {
  const devices = register();
  expect(() => devices.change("nobody", { compliance: "compliant" })).toThrow('MAC address "nobody"');
  expect(() => devices.remove("nobody")).toThrow(RangeError);
  devices.add({ kind: "mac", udid: UDID });
  devices.remove(UDID);
  expect(devices.all).toEqual([]);
});
