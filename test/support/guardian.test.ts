import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { guard } from "./guardian.ts";

test("once dismissed, the guardian stops what runs in the folder and removes it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-guardian-"));
  chmodSync(folder, 0o711);
  const guarded = spawn("sleep", ["600"], { stdio: "ignore" });
  const ended = new Promise((resolve) => guarded.once("exit", (_code, signal) => resolve(signal)));
  mkdirSync(join(folder, "postgres", "data"), { recursive: true });
  writeFileSync(join(folder, "postgres", "data", "postmaster.pid"), `${guarded.pid}\n${folder}\n`);
  guard(folder).dismiss();
  expect(await ended).toBe("SIGQUIT");
  while (existsSync(folder)) await sleep(20); // bounded by the test's own limit
});
