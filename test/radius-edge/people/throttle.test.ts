import type { OrganizationId } from "../../../domain/identifiers.ts";
import { MINUTE_MS, SECOND_MS } from "../../../domain/time.ts";
import { createThrottle } from "../../../radius-edge/people/throttle.ts";
import type { Throttle } from "../../../radius-edge/people/throttle.ts";
import { organizationId } from "../../support/domain-values.ts";

let passedMs: number;
let throttle: Throttle;
beforeEach(() => {
  passedMs = 1_000_000;
  throttle = createThrottle(() => passedMs);
});

let guesses = 0;
const guessOf = (name: string, mark = `guess ${guesses++}`, organization: OrganizationId = organizationId) => ({
  organizationId: organization,
  name,
  mark,
});
const wrong = (name: string, times = 1): void => {
  for (let i = 0; i < times; i++) throttle.judged(guessOf(name), false);
};
const pauseSeconds = (name: string): number => throttle.pauseMs(guessOf(name)) / SECOND_MS;

test("behaviour 8.4: ten different wrong passwords are free, each further one doubles the pause, up to two minutes", () => {
  wrong("bob", 9);
  expect(pauseSeconds("bob")).toBe(0);
  const pauses = Array.from({ length: 7 }, () => {
    wrong("bob");
    const pause = pauseSeconds("bob");
    passedMs += pause * SECOND_MS;
    return pause;
  });
  expect(pauses).toEqual([5, 10, 20, 40, 80, 120, 120]);
  expect(pauseSeconds("bob")).toBe(0);
});

test("behaviour 8.4: a right password begins anew, and so does a quarter of an hour without a wrong one", () => {
  wrong("bob", 12);
  passedMs += MINUTE_MS;
  throttle.judged(guessOf("bob"), true);
  wrong("bob", 9);
  expect(pauseSeconds("bob")).toBe(0);
  passedMs += 15 * MINUTE_MS;
  wrong("bob", 9);
  expect(pauseSeconds("bob")).toBe(0);
  wrong("bob");
  expect(pauseSeconds("bob")).toBe(5);
});

test("behaviour 8.4: a device that repeats an old password guesses nothing", () => {
  for (let i = 0; i < 100; i++) throttle.judged(guessOf("bob", "of last year"), false);
  expect(pauseSeconds("bob")).toBe(0);
  wrong("bob", 8);
  throttle.judged(guessOf("bob", "of last year"), false);
  expect(pauseSeconds("bob")).toBe(0);
});

test("behaviour 8.4: a name is one however it is written, and says nothing of other names and organizations", () => {
  const elsewhere = "0198b5a0-0000-7000-8000-0000000000ff" as OrganizationId;
  for (let i = 0; i < 10; i++) throttle.judged(guessOf(i % 2 === 0 ? "Bob" : "bOB"), false);
  expect([pauseSeconds("bob"), pauseSeconds("eve")]).toEqual([5, 0]);
  expect(throttle.pauseMs(guessOf("bob", "a guess", elsewhere))).toBe(0);
});

test("however many names are tried, so many are kept", () => {
  wrong("bob", 10);
  for (let i = 0; i < 50_000; i++) throttle.judged(guessOf(`nobody ${i}`), false);
  expect(pauseSeconds("bob")).toBe(0);
  expect(pauseSeconds("nobody 49999")).toBe(0);
});
