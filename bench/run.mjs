// `npm run bench -- mab`: builds the product and the benchmarks where they are not of these sources, then measures.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installDependencies, requireNode, ROOT, run, sourcesFingerprint } from "../cli/freshness.mjs";

const say = (sentence) => process.stderr.write(`bench: ${sentence}\n`);

try {
  requireNode();
  installDependencies(say);
  const stamp = join(ROOT, "dist/.sources");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== sourcesFingerprint()) {
    say("building the product");
    run(process.execPath, join(ROOT, "cli/build.mjs"));
  }
  // Always: what it takes from the product's sources must be of the same moment as the product.
  run(process.execPath, join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "bench/tsconfig.json");
} catch (error) {
  say(error.message);
  process.exit(1);
}

await import(pathToFileURL(join(ROOT, ".bench/bench/main.js")).href);
