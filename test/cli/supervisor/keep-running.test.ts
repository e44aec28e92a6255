import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, identify } from "../../../cli/embedded/processes.ts";
import { whenExited } from "../../../cli/embedded/service.ts";
import type { Service } from "../../../cli/embedded/service.ts";
import { keepRunning } from "../../../cli/supervisor/keep-running.ts";
import type { Kept } from "../../../cli/supervisor/keep-running.ts";

let lines: string[];
let started: number[];
let kept: Kept<Service>;
beforeEach(() => {
  lines = [];
  started = [];
});
afterEach(() => kept.stop());

const say = (line: string) => void lines.push(line);

/** A real process that does nothing until it is ended. */
async function startSleeper(): Promise<Service> {
  const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
  const exited = whenExited(child);
  const identity = identify(child.pid!)!;
  started.push(identity.pid);
  const stop = async () => {
    await endProcess(identity, [{ signal: "SIGTERM", graceMs: 5_000 }]);
    await exited;
  };
  return { pid: identity.pid, exited, stop };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

test("a service that ends by itself is started again, and said so", async () => {
  kept = await keepRunning({ name: "sleeper", start: startSleeper, say });
  process.kill(started[0]!, "SIGKILL");
  await until(() => lines.includes("sleeper runs again"));
  expect(lines).toEqual(["sleeper ended by itself (SIGKILL); starting it again", "sleeper runs again"]);
  expect(started.length).toBe(2);
  expect(identify(started[1]!)).toBeDefined();
});

test("one that is stopped stays so", async () => {
  kept = await keepRunning({ name: "sleeper", start: startSleeper, say });
  await kept.stop();
  expect(identify(started[0]!)).toBeUndefined();
  expect(started.length).toBe(1);
  expect(lines).toEqual([]);
});

test("a restart that fails is tried again", async () => {
  let starts = 0;
  const start = () => (++starts === 2 ? Promise.reject(new Error("its port is taken")) : startSleeper());
  kept = await keepRunning({ name: "sleeper", start, say });
  process.kill(started[0]!, "SIGKILL");
  await until(() => lines.includes("sleeper runs again"));
  expect(lines).toContain("sleeper cannot be started again yet: its port is taken");
});

test("a stop during a restart ends what the restart has brought up", async () => {
  let letThrough = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letThrough = resolve));
  let starts = 0;
  const start = async () => {
    if (++starts > 1) await gate;
    return startSleeper();
  };
  kept = await keepRunning({ name: "sleeper", start, say });
  process.kill(started[0]!, "SIGKILL");
  await until(() => starts === 2);
  const stopped = kept.stop();
  letThrough();
  await stopped;
  expect(started.length).toBe(2);
  expect(identify(started[1]!)).toBeUndefined();
});

test("a first start that fails is the caller's to hear of", async () => {
  const start = () => Promise.reject(new Error("no such program"));
  await expect(keepRunning({ name: "sleeper", start, say })).rejects.toThrow("no such program");
});
