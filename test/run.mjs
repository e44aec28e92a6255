// `npm test`: installs what is missing, runs jest, closes with "N passed, N failed". Arguments go to jest: npm test -- test/domain
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { installDependencies, requireNode, ROOT, run } from "../cli/freshness.mjs";

const INTEROP = "test/interop";

/** Programs of other projects that tests run as peers, and the Debian package that brings each. */
const PEERS = [
  { program: "eapol_test", debianPackage: "eapoltest" },
  { program: "slapd", debianPackage: "slapd" },
  { program: "radsecproxy", debianPackage: "radsecproxy" },
];

/** Those that only `npm run test:interop` needs, which itself needs root: it makes network namespaces. */
const INTEROP_PEERS = [
  { program: "hostapd", debianPackage: "hostapd" },
  { program: "wpa_supplicant", debianPackage: "wpasupplicant" },
  { program: "freeradius", debianPackage: "freeradius" },
  { program: "radclient", debianPackage: "freeradius-utils" },
  { program: "ip", debianPackage: "iproute2" },
];

/**
 * `npm run test:outage` and so on. Those in `npm test` too run short there: the variables say how long they run here, the
 * short defaults are in the tests themselves.
 */
const LONG_RUNS = {
  "--outage": {
    tests: ["test/outage"],
    env: {
      PORTCULLIS_TEST_OUTAGE_SECONDS: "75",
      PORTCULLIS_TEST_EDGE_OUTAGE_SECONDS: "120",
      PORTCULLIS_TEST_EDGE_OUTAGE_RATE: "500",
    },
    peers: PEERS,
  },
  "--load": {
    tests: ["test/load"],
    env: { PORTCULLIS_TEST_LOAD_DEVICES: "100000", PORTCULLIS_TEST_LOAD_CONVERSATIONS: "2000" },
    peers: PEERS,
  },
  "--fuzz": {
    tests: ["test/fuzz"],
    env: { PORTCULLIS_TEST_FUZZ_PACKETS: "1000000", PORTCULLIS_TEST_FUZZ_CONVERSATIONS: "200000" },
    peers: PEERS,
  },
  "--crash": { tests: ["test/radius-edge/crash"], env: { PORTCULLIS_TEST_KILLS: "100" }, peers: [] },
  "--interop": {
    tests: [INTEROP, "test/radius-edge/radsec/radsecproxy"],
    env: { PORTCULLIS_TEST_ROUNDS: "20" },
    peers: [...PEERS, ...INTEROP_PEERS],
  },
};

const args = process.argv.slice(2);
const longRun = LONG_RUNS[args.find((arg) => arg in LONG_RUNS)];
const say = (sentence) => console.error(`npm test: ${sentence}`);

try {
  requireNode();
  installDependencies(say);
  installPeers(longRun?.peers ?? PEERS);
} catch (error) {
  say(error.message);
  process.exit(1);
}
process.exit(runJest());

/** Runs jest; answers with the exit code. Its last line is the count that people and CI read. */
function runJest() {
  const asked = args.filter((arg) => !(arg in LONG_RUNS));
  const selection =
    longRun === undefined ? [...asked, "--testPathIgnorePatterns", INTEROP] : [...asked, ...longRun.tests];
  const folder = mkdtempSync(join(tmpdir(), "portcullis-jest-"));
  const report = join(folder, "report.json");
  const jest = [join(ROOT, "node_modules/jest/bin/jest.js"), ...selection, "--json", "--outputFile", report];
  const env = { ...process.env, ...longRun?.env };
  // jest's report of the tests goes to stderr; stdout would repeat the JSON.
  const { status } = spawnSync(process.execPath, jest, { cwd: ROOT, env, stdio: ["inherit", "ignore", "inherit"] });
  const { passed, failed } = readCounts(report);
  rmSync(folder, { recursive: true });
  if (passed + failed === 0) say("no test ran");
  console.log(`${passed} passed, ${failed} failed`);
  return status === 0 && failed === 0 && passed > 0 ? 0 : 1;
}

/** A test file that does not even load counts as one failure. */
function readCounts(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0 };
  const counts = JSON.parse(readFileSync(report, "utf8"));
  return { passed: counts.numPassedTests, failed: counts.numFailedTests + counts.numRuntimeErrorTestSuites };
}

function installPeers(peers) {
  const packages = peers.filter(({ program }) => !isInPath(program)).map(({ debianPackage }) => debianPackage);
  if (packages.length === 0) return;
  const names = packages.join(" ");
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    throw new Error(`the tests need ${names}: run "sudo apt-get install ${names}" (Debian, Ubuntu), then try again`);
  }
  say(`installing ${names}`);
  const install = [
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "install",
    "-y",
    "-q",
    "--no-install-recommends",
  ];
  try {
    run(...install, ...packages);
  } catch {
    run("apt-get", "update", "-q"); // a fresh system has no package list, an old one has a stale one
    run(...install, ...packages);
  }
}

function isInPath(program) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [...folders, "/usr/sbin", "/usr/local/sbin"].some((folder) => existsSync(join(folder, program)));
}
