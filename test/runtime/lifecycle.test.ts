import { EventEmitter } from "node:events";
import { runUntilStopped } from "../../runtime/lifecycle.ts";
import { createLog } from "../../runtime/log.ts";

let lines: { msg: string; step?: string; cause?: string }[];
let closed: string[];
let signals: EventEmitter;
const log = createLog("test", "info", { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
const step = (name: string, close: () => Promise<void> | void = () => undefined) => ({
  name,
  close: async () => {
    closed.push(name);
    await close();
  },
});
beforeEach(() => {
  lines = [];
  closed = [];
  signals = new EventEmitter();
});

test("steps close one after another, and a second signal changes nothing", async () => {
  let release = (): void => undefined;
  const slow = step("sockets", () => new Promise((resolve) => void (release = resolve)));
  const code = runUntilStopped(log, [slow, step("database")], { signals });
  signals.emit("SIGINT");
  signals.emit("SIGTERM");
  await new Promise(setImmediate);
  expect(closed).toEqual(["sockets"]);
  release();
  expect(await code).toBe(0);
  expect(closed).toEqual(["sockets", "database"]);
  expect(lines.map(({ msg }) => msg)).toEqual(["stopping", "stopped"]);
});

test("a step that fails is logged and does not keep the next from closing", async () => {
  const failing = step("relay", () => Promise.reject(new Error("no")));
  const code = runUntilStopped(log, [failing, step("database")], { signals });
  signals.emit("SIGTERM");
  expect(await code).toBe(1);
  expect(closed).toEqual(["relay", "database"]);
  expect(lines).toContainEqual(expect.objectContaining({ msg: "closing failed", step: "relay" }));
});

test("a step that never ends is left behind at the deadline", async () => {
  const hanging = step("worker", () => new Promise(() => undefined));
  const code = runUntilStopped(log, [hanging, step("database")], { signals, deadlineMs: 20 });
  signals.emit("SIGTERM");
  expect(await code).toBe(1);
  expect(closed).toEqual(["worker"]);
  expect(lines).toContainEqual(expect.objectContaining({ msg: "not closed before the deadline", step: "worker" }));
});

test("the end of the parent stops the process too", async () => {
  const code = runUntilStopped(log, [step("database")], { signals });
  signals.emit("disconnect");
  expect(await code).toBe(0);
  expect(lines[0]).toMatchObject({ msg: "stopping", cause: "the parent process ended" });
});
