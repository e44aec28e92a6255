// `npm start`: from a fresh clone to a running product. Without dependencies, since it installs them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installDependencies, requireNode, ROOT, run, sourcesFingerprint } from "./freshness.mjs";

const MAIN = join(ROOT, "dist/cli/main.js");
const say = (sentence) => console.error(`portcullis: ${sentence}`);

try {
  requireNode();
  installDependencies(say);
  if (!isBuilt()) {
    say("building");
    run(process.execPath, join(ROOT, "cli/build.mjs"));
  }
} catch (error) {
  say(error.message);
  process.exit(1);
}

// In this process, not a child: a Ctrl-C then arrives once, and the exit code is the command's own.
process.argv = [process.execPath, MAIN, "up", ...process.argv.slice(2)];
await import(pathToFileURL(MAIN).href);

function isBuilt() {
  const stamp = join(ROOT, "dist/.sources");
  return existsSync(MAIN) && existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesFingerprint();
}
