import { createTurnstile } from "../../../radius-edge/people/turnstile.ts";

test("so many are inside at once, so many wait, in order, and the rest is turned away", async () => {
  const turnstile = createTurnstile({ atOnce: 2, inLine: 2 });
  const open: (() => void)[] = [];
  const begun: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    begun.push(name);
    await new Promise<void>((resolve) => open.push(resolve));
    return name;
  };
  const passed = ["a", "b", "c", "d"].map((name) => turnstile.pass(work(name)));
  expect(turnstile.pass(work("e"))).toBeUndefined();
  expect(begun).toEqual(["a", "b"]);
  open.shift()!();
  expect(await passed[0]).toBe("a");
  expect(begun).toEqual(["a", "b", "c"]);
  expect(turnstile.pass(work("f"))).toBeInstanceOf(Promise);
  expect(turnstile.pass(work("g"))).toBeUndefined();
  for (let i = 0; i < 5; i++) {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(begun).toEqual(["a", "b", "c", "d", "f"]);
});

test("work that fails leaves its place too", async () => {
  const turnstile = createTurnstile({ atOnce: 1, inLine: 0 });
  await expect(turnstile.pass(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await turnstile.pass(() => Promise.resolve("in"))).toBe("in");
});
