import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { profileAdvice } from "../../domain/nas-profile.ts";
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

test("every step names a session, and blocks by Disconnect wherever it takes anything", () => {
  for (const { name, steps, takes } of profiles.all) {
    if (name === "no-coa") continue;
    expect([name, takes]).toEqual([name, expect.arrayContaining(["disconnect"])]);
    for (const template of Object.values(steps).flat()) expect(template.identify).not.toHaveLength(0);
  }
});

test.each([
  ["cisco", [9]],
  ["cisco", [9, 14179]],
  ["cisco-aireos", [14179]],
  ["meraki", [9, 29671]],
  ["aruba", [14823]],
  ["ruckus", [25053]],
  ["standard", []],
  ["standard", [99999]],
])("%s is recognized from vendor attributes of %j", (name, vendorIds) => {
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
