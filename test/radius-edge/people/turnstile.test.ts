import { createTurnstile } from "../../../radius-edge/people/turnstile.ts";

const PATIENT_MS = 60_000;

test("so many are inside at once, so many wait, in order, and the rest is turned away", async () => {
  const turnstile = createTurnstile({ atOnce: 2, inLine: 2 });
  const open: (() => void)[] = [];
  const begun: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    begun.push(name);
    await new Promise<void>((resolve) => open.push(resolve));
    return name;
  };
  const passed = ["a", "b", "c", "d"].map((name) => turnstile.pass(work(name), PATIENT_MS));
  expect(await turnstile.pass(work("e"), PATIENT_MS)).toBeUndefined();
  expect(begun).toEqual(["a", "b"]);
  open.shift()!();
  expect(await passed[0]).toBe("a");
  expect(begun).toEqual(["a", "b", "c"]);
  const sixth = turnstile.pass(work("f"), PATIENT_MS);
  expect(await turnstile.pass(work("g"), PATIENT_MS)).toBeUndefined();
  for (let i = 0; i < 5; i++) {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(begun).toEqual(["a", "b", "c", "d", "f"]);
  expect(await sixth).toBe("f");
});

test("who can wait no longer leaves the line, for another to stand there, and is never let in", async () => {
  const turnstile = createTurnstile({ atOnce: 1, inLine: 1 });
  let open!: () => void;
  const first = turnstile.pass(() => new Promise<void>((resolve) => (open = resolve)), PATIENT_MS);
  const begun: string[] = [];
  const note = (name: string) => async () => void begun.push(name);
  expect(await turnstile.pass(note("hasty"), 0)).toBeUndefined();
  await turnstile.pass(note("impatient"), 10);
  const patient = turnstile.pass(note("patient"), PATIENT_MS);
  open();
  await Promise.all([first, patient]);
  await turnstile.pass(note("hasty"), 0);
  expect(begun).toEqual(["patient", "hasty"]);
});

test("work that fails leaves its place too", async () => {
  const turnstile = createTurnstile({ atOnce: 1, inLine: 0 });
  await expect(turnstile.pass(() => Promise.reject(new Error("no")), PATIENT_MS)).rejects.toThrow("no");
  expect(await turnstile.pass(() => Promise.resolve("in"), PATIENT_MS)).toBe("in");
});
