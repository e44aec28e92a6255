import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTemporalCli } from "../../../cli/embedded/executables.ts";
import { temporalCli } from "../../support/temporal.ts";

const log = () => undefined;
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "portcullis-executables-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("an explicit path wins over all others, and is not silently replaced when it is wrong", async () => {
  const explicit = program("elsewhere", "echo 'temporal version 1.10.0 (Server 1.33.0, UI 2.60.0)'");
  await expect(findTemporalCli({ explicit, path: folder, cacheFolder: folder, log })).resolves.toBe(explicit);
  const wrong = program("wrong", "echo 'ls (GNU coreutils) 9.1'");
  await expect(findTemporalCli({ explicit: wrong, log })).rejects.toThrow(/is not temporal: it said "ls/);
});

test("the one in PATH is taken when it is new enough", async () => {
  const fresh = program("temporal", "echo 'temporal version 1.9.0 (Server 1.31.0, UI 2.50.0)'");
  await expect(findTemporalCli({ path: folder, cacheFolder: folder, log })).resolves.toBe(fresh);
});

test("one that is too old is passed over for the cached one", async () => {
  program("temporal", "echo 'temporal version 1.8.9 (Server 1.31.0, UI 2.50.0)'");
  const cached = program("temporal-1.9.1", "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'");
  await expect(findTemporalCli({ path: folder, cacheFolder: folder, log })).resolves.toBe(cached);
});

test("a failure names the version that was wrong and how to go on", async () => {
  const explicit = program("old", "echo 'temporal version 1.8.9 (Server 1.31.0, UI 2.50.0)'");
  const failure = findTemporalCli({ explicit, log });
  await expect(failure).rejects.toThrow(/old is version 1\.8\.9; at least 1\.9 is needed/);
  await expect(failure).rejects.toThrow(/set PORTCULLIS_TEMPORAL_CLI/);
});

test("this machine has one that serves", () => {
  expect(existsSync(temporalCli())).toBe(true);
});

function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
