import { createProgress } from "../../../cli/supervisor/progress.ts";

function record(isTTY: boolean) {
  let text = "";
  const output = { isTTY, write: (part: string | Uint8Array) => (text += String(part)) !== "" };
  return { progress: createProgress(output), text: () => text.replaceAll(/\d+\.\d s/g, "N s") };
}

test("a log file gets one line for each finished step, without control characters", async () => {
  const { progress, text } = record(false);
  expect(await progress.step("Postgres", async () => 7)).toBe(7);
  progress.say("hello");
  expect(text()).toBe("  ✓ Postgres (N s)\nhello\n");
});

test("a terminal sees what is under way, below what is said meanwhile", async () => {
  const { progress, text } = record(true);
  await progress.step("Temporal", async () => progress.say("downloading"));
  expect(text()).toBe("  … Temporal\r\u001B[Kdownloading\n  … Temporal\r\u001B[K  ✓ Temporal (N s)\n");
});

test("a step that fails is marked, and its error goes on", async () => {
  const { progress, text } = record(false);
  await expect(progress.step("edge", () => Promise.reject(new Error("taken")))).rejects.toThrow("taken");
  expect(text()).toBe("  ✗ edge\n");
});
