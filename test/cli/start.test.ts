import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

// A project of two files, so that the real start.mjs can be watched without the real build.
const ROOT = join(import.meta.dirname, "../..");
const LOCK = { name: "small", lockfileVersion: 3, packages: { "": { name: "small" } } };
const MAIN = `process.on("SIGINT", () => process.exit(7));
console.log(process.argv.slice(2).join(" "));
if (process.argv.includes("--wait")) setInterval(() => undefined, 1000);
else process.exitCode = 3;`;
const BUILD = `import { mkdirSync, writeFileSync } from "node:fs";
import { sourcesFingerprint } from "./freshness.mjs";
console.log("built");
mkdirSync("dist/cli", { recursive: true });
writeFileSync("dist/cli/main.js", ${JSON.stringify(MAIN)});
writeFileSync("dist/.sources", sourcesFingerprint());`;

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "portcullis-start-"));
  const folders = "domain store outbound mdm runtime workflows activities workers api radius-edge cli simulators";
  for (const folder of folders.split(" ")) mkdirSync(join(project, folder));
  write("package.json", JSON.stringify({ name: "small", type: "module", engines: { node: ">=20.19" } }));
  write("package-lock.json", JSON.stringify(LOCK));
  write("node_modules/.package-lock.json", JSON.stringify({ ...LOCK, packages: {} }));
  write("tsconfig.json", "{}");
  write("tsconfig.build.json", "{}");
  write("domain/mac-address.ts", "");
  for (const file of ["start.mjs", "freshness.mjs"]) copyFileSync(join(ROOT, "cli", file), join(project, "cli", file));
  write("cli/build.mjs", BUILD);
});
afterEach(() => rmSync(project, { recursive: true }));

test("builds when a source has changed, and only then", async () => {
  expect((await start()).output).toContain("portcullis: building\nbuilt\n");
  expect((await start()).output).not.toContain("built");
  write("domain/mac-address.ts", "export const changed = true;");
  expect((await start()).output).toContain("built");
  rmSync(join(project, "domain/mac-address.ts"));
  expect((await start()).output).toContain("built");
});

test("runs the command `up` with what was passed, and keeps its exit code", async () => {
  const { output, code } = await start("--empty");
  expect(output).toContain("\nup --empty\n");
  expect(code).toBe(3);
});

test("an interrupt reaches the command once, and its exit code comes back", async () => {
  const { code } = await start("--wait", (child) => child.kill("SIGINT"));
  expect(code).toBe(7);
});

test("refuses a Node that is too old, by name", async () => {
  write("package.json", JSON.stringify({ name: "small", type: "module", engines: { node: ">=99.1" } }));
  const { output, code } = await start();
  expect(output).toContain(`portcullis: Node 99.1 or newer is needed; this is ${process.versions.node}`);
  expect(code).toBe(1);
});

test("a build that fails stops the start", async () => {
  write("cli/build.mjs", "process.exit(2);");
  const { output, code } = await start();
  expect(output).toContain("build.mjs failed: exit code 2");
  expect(code).toBe(1);
});

test("installs when the lock asks for a package that is not there", async () => {
  // A package in a folder, so that npm ci needs no registry.
  write("vendored/package.json", JSON.stringify({ name: "vendored", version: "1.0.0" }));
  const dependencies = { vendored: "file:vendored" };
  write("package.json", JSON.stringify({ name: "small", type: "module", dependencies, engines: { node: ">=20.19" } }));
  const vendored = { "node_modules/vendored": { resolved: "vendored", link: true }, vendored: { version: "1.0.0" } };
  write(
    "package-lock.json",
    JSON.stringify({ ...LOCK, packages: { "": { name: "small", dependencies }, ...vendored } }),
  );
  expect((await start()).output).toContain("installing dependencies");
  expect((await start()).output).not.toContain("installing dependencies");
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), content);
}

type Running = ReturnType<typeof spawn>;

/** Starts the project and waits for its end; `onUp` is called once the command has spoken. */
async function start(...given: readonly (string | ((child: Running) => void))[]) {
  const args = given.filter((arg) => typeof arg === "string");
  const onUp = given.find((arg) => typeof arg === "function");
  const child = spawn(process.execPath, ["cli/start.mjs", ...args], { cwd: project });
  let output = "";
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes("\nup ")) onUp?.(child);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { output, code };
}
