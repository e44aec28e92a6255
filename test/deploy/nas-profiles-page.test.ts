import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";

/** Operators choose a profile from this page: one that is missing there, or says something else, misleads them. */
test("docs/nas-profiles.md lists every profile as it is", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/nas-profiles.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const expected = loadNasProfiles().all.map(
    ({ name, title, coaPort, takes, minimumFirmware, switchOn, limits }) =>
      `| \`${name}\` | ${title} | ${coaPort} | ${takes.join(" → ") || "none"} | ${minimumFirmware ?? "–"} | ${switchOn} | ${limits ?? "–"} |`,
  );
  expect(rows.toSorted()).toEqual(expected.toSorted());
});
