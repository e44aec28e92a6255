// `npm run build`: dist/ from the sources. Built aside and swapped in whole, so that a killed build leaves the old one.
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { listFiles, ROOT, run, SOURCE_FOLDERS, sourcesFingerprint } from "./freshness.mjs";

const UNFINISHED = join(ROOT, `dist.new-${process.pid}`);
const PREVIOUS = join(ROOT, `dist.old-${process.pid}`);
const DIST = join(ROOT, "dist");

const fingerprint = sourcesFingerprint(); // before the compiler reads: a file saved meanwhile makes the next start build again
removeLeftovers();
run(
  process.execPath,
  join(ROOT, "node_modules/typescript/bin/tsc"),
  "-p",
  "tsconfig.build.json",
  "--outDir",
  UNFINISHED,
);
copyData();
await bundleWorkflows();
writeFileSync(join(UNFINISHED, ".sources"), fingerprint);
swap();

/** Migrations, profiles, dictionaries: whatever stands beside the code and is not code or a page about it. */
function copyData() {
  const isData = (file) => !/\.(m?ts|mjs|md)$/.test(file);
  for (const file of SOURCE_FOLDERS.flatMap((folder) => listFiles(join(ROOT, folder))).filter(isData)) {
    const target = join(UNFINISHED, relative(ROOT, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

/** Temporal runs workflows from one bundled file; made here once, a worker starts without a bundler. */
async function bundleWorkflows() {
  const { bundleWorkflowCode, DefaultLogger } = await import("@temporalio/worker");
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(UNFINISHED, "workflows/index.js"),
    logger: new DefaultLogger("WARN"),
  });
  writeFileSync(join(UNFINISHED, "workflow-bundle.js"), code);
}

function swap() {
  try {
    renameSync(DIST, PREVIOUS);
  } catch (error) {
    if (error.code !== "ENOENT") throw error; // the first build has no predecessor
  }
  renameSync(UNFINISHED, DIST);
  rmSync(PREVIOUS, { recursive: true, force: true });
}

/** What killed builds left; the folder of one that still runs stays. */
function removeLeftovers() {
  for (const name of readdirSync(ROOT)) {
    const pid = /^dist\.(?:new|old)-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
