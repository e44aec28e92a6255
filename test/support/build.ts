import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, sourcesFingerprint } from "../../cli/freshness.mjs";

/** The built command. */
export const MAIN = join(ROOT, "dist/cli/main.js");

/** Builds dist/ where it is not of these sources. */
export function build(): void {
  const stamp = join(ROOT, "dist/.sources");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesFingerprint()) return;
  execFileSync(process.execPath, [join(ROOT, "cli/build.mjs")], { stdio: ["ignore", "ignore", "inherit"] });
}
