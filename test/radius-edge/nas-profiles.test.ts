import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nasProfileAnswer } from "../../api/shapes/nas-profile.ts";
import { FIRMWARE_NOT_DOCUMENTED, profileAdvice } from "../../domain/nas-profile.ts";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";
import { writeVendorAttribute } from "../../radius-edge/wire/vendor-attribute.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { carrying } from "./wire/make.ts";

const profiles = loadNasProfiles();
const ofVendor = (...vendorIds: number[]): Attribute[] =>
  vendorIds.map((vendorId) => writeVendorAttribute({ vendorId, vendorType: 1, value: Buffer.from("x") }));

test("behaviour 5.7: each profile says what to switch on, where that is written, and that goes beside a failed CoA", () => {
  expect(profiles.all.length).toBeGreaterThan(12);
  for (const profile of profiles.all) {
    expect([profile.switchOn, profile.source]).not.toContain("");
    expect(profileAdvice(profile)).toContain(profile.switchOn);
  }
  expect(profiles.named("juniper-mist")?.minimumFirmware).toBe("0.14");
  expect(profileAdvice(profiles.named("juniper-mist")!)).toContain("0.14 or newer");
});

test("behaviour 5.7: a profile whose vendor documents no minimum firmware says so, wherever firmware is told", () => {
  for (const { name, vendor, minimumFirmware } of profiles.all) {
    expect([name, minimumFirmware === null]).toEqual([name, vendor === null]);
  }
  const meraki = profiles.named("meraki")!;
  expect(meraki.minimumFirmware).toBe(FIRMWARE_NOT_DOCUMENTED);
  expect(nasProfileAnswer(meraki).minimum_firmware).toBe("not documented");
  expect(profileAdvice(meraki)).toContain("Firmware: the vendor documents no minimum.");
  expect(profileAdvice(profiles.named("standard")!)).not.toContain("Firmware");
});

test("every step names a session, and blocks by Disconnect wherever it takes anything", () => {
  for (const { name, steps, takes } of profiles.all) {
    if (name === "no-coa") continue;
    expect([name, takes]).toEqual([name, expect.arrayContaining(["disconnect"])]);
    for (const template of Object.values(steps).flat()) expect(template.identify).not.toHaveLength(0);
  }
});

const RECOGNIZED: readonly (readonly [string, number[]])[] = [
  ["cisco", [9]],
  ["cisco", [9, 14179]],
  ["cisco-aireos", [14179]],
  ["meraki", [29671]],
  ["meraki", [9, 29671]],
  ["aruba", [14823]],
  ["aruba-switch", [11]],
  ["aruba-switch", [14823, 11]],
  ["ruckus", [25053]],
  ["dell", [674]],
  ["fortiswitch", [12356]],
  ["standard", []],
  ["standard", [99999]],
];

test("every kind that can be recognized is told here", () => {
  const recognizable = profiles.all.filter(({ recognizedBy }) => recognizedBy !== null).map(({ name }) => name);
  expect(RECOGNIZED.map(([name]) => name)).toEqual(expect.arrayContaining(recognizable));
});

test.each(RECOGNIZED)("%s is recognized from vendor attributes of %j", (name, vendorIds) => {
  expect(profiles.of("auto", carrying(...ofVendor(...vendorIds)))?.name).toBe(name);
});

test("a profile that was chosen is not told from the request", () => {
  expect(profiles.of("hostapd", carrying(...ofVendor(9)))?.name).toBe("hostapd");
  expect(profiles.of("toaster", carrying(...ofVendor(9)))).toBeUndefined();
});

test.each([
  ["another name", { name: "b" }, 'NAS profile a.json calls itself "b"'],
  [
    "an identifier that names no session",
    { steps: { disconnect: [{ code: "Disconnect-Request", identify: ["shoe-size"], attributes: [] }] } },
    'NAS profile a.json: "shoe-size" names no session',
  ],
  [
    "an attribute that is none",
    { steps: { disconnect: [{ code: "Disconnect-Request", identify: [], attributes: ["Nonsense=1"] }] } },
    'NAS profile a.json: No RADIUS attribute is known by the name "Nonsense".',
  ],
])("a file with %s is no profile", (_what, change, sentence) => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-profiles-"));
  writeFileSync(join(folder, "a.json"), JSON.stringify({ name: "a", steps: {}, ...change }));
  expect(() => loadNasProfiles(folder)).toThrow(sentence);
  rmSync(folder, { recursive: true });
});
