import type { OrganizationId } from "../../../domain/identifiers.ts";
import { MINUTE_MS, SECOND_MS } from "../../../domain/time.ts";
import { createThrottle } from "../../../radius-edge/people/throttle.ts";
import type { Throttle } from "../../../radius-edge/people/throttle.ts";
import { MAC, organizationId, OTHER_MAC } from "../../support/domain-values.ts";

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
const pauseSeconds = (name: string): number => (throttle.pauseOf(guessOf(name))?.ms ?? 0) / SECOND_MS;

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
  expect(throttle.pauseOf(guessOf("bob", "a guess", elsewhere))).toBeUndefined();
});

test("behaviour 8.4: those in hand count as wrong until they are judged, and beyond the ten go one at a time", () => {
  wrong("bob", 7);
  const inHand = Array.from({ length: 70 }, () => throttle.take(guessOf("bob"))).filter((one) => one !== undefined);
  expect(inHand).toHaveLength(3);
  expect(throttle.take(guessOf("eve"))).toBeDefined();
  // Nobody could judge the first: its place is another's.
  inHand[0]!();
  const fourth = throttle.take(guessOf("bob"));
  expect([fourth !== undefined, throttle.take(guessOf("bob"))]).toEqual([true, undefined]);
  wrong("bob", 3);
  for (const letGo of [...inHand.slice(1), fourth!]) letGo();
  passedMs += 5 * SECOND_MS;
  expect(pauseSeconds("bob")).toBe(0);
  const only = throttle.take(guessOf("bob"));
  expect([only !== undefined, throttle.take(guessOf("bob"))]).toEqual([true, undefined]);
  only!();
  expect(throttle.take(guessOf("bob"))).toBeDefined();
});

test("behaviour 8.4: a right password lets those in hand count on", () => {
  for (let i = 0; i < 10; i++) throttle.take(guessOf("bob"));
  throttle.judged(guessOf("bob"), true);
  expect(throttle.take(guessOf("bob"))).toBeUndefined();
});

test("behaviour 8.4: the devices of one person that come at once with one password count as one, and old ones as none", () => {
  throttle.judged(guessOf("bob", "of last year"), false);
  const devices = Array.from({ length: 30 }, () => throttle.take(guessOf("bob", "the right one")));
  expect(devices).not.toContain(undefined);
  for (let i = 0; i < 8; i++) expect(throttle.take(guessOf("bob"))).toBeDefined();
  expect(throttle.take(guessOf("bob"))).toBeUndefined();
  expect(throttle.take(guessOf("bob", "of last year"))).toBeDefined();
  // The place is taken for as long as one of them is in hand.
  for (const letGo of devices.slice(1)) letGo!();
  expect(throttle.take(guessOf("bob"))).toBeUndefined();
  devices[0]!();
  expect(throttle.take(guessOf("bob"))).toBeDefined();
});

test.each([
  ["José Müller", "jose\u0301 MULLER"],
  ["bob smith", "bob \u00a0 smith"],
  ["bob", " bob "],
  ["bob", "b\u200do\u00adb"],
  ["bob", "ｂｏｂ"],
  ["bob", "b\u3164ob"],
  ["weiß", "WEISS"],
  ["νίκος", "ΝΙΚΟΣ"],
])("behaviour 8.4: guesses at %j count for %j: a directory may take them for one", (one, other) => {
  wrong(one, 10);
  expect([pauseSeconds(other), pauseSeconds(`${one}2`)]).toEqual([5, 0]);
});

test("however many names are tried, so many are kept", () => {
  wrong("bob", 10);
  for (let i = 0; i < 50_000; i++) throttle.judged(guessOf(`nobody ${i}`), false);
  expect(pauseSeconds("bob")).toBe(0);
  expect(pauseSeconds("nobody 49999")).toBe(0);
});

const from = (mac: typeof MAC, name: string, mark = `guess ${guesses++}`, organization = organizationId) => ({
  ...guessOf(name, mark, organization),
  mac,
});
/** So many names, each tried once. */
const spray = (mac: typeof MAC, times: number): void => {
  for (let i = 0; i < times; i++) throttle.judged(from(mac, `name ${guesses++}`), false);
};

test("behaviour 8.4: a client that tries one name after the other is slowed like a name, after twenty", () => {
  spray(MAC, 19);
  expect(throttle.pauseOf(from(MAC, "eve"))).toBeUndefined();
  const pauses = Array.from({ length: 7 }, () => {
    spray(MAC, 1);
    const pause = throttle.pauseOf(from(MAC, "eve"));
    passedMs += pause!.ms;
    return pause;
  });
  expect(pauses).toEqual([5, 10, 20, 40, 80, 120, 120].map((seconds) => ({ ms: seconds * SECOND_MS, of: "mac" })));
  expect(throttle.pauseOf(from(MAC, "eve"))).toBeUndefined();
});

test("behaviour 8.4: the wrong passwords of one client say nothing of others, of other organizations, or of who has no MAC address", () => {
  const elsewhere = "0198b5a0-0000-7000-8000-0000000000ff" as OrganizationId;
  spray(MAC, 25);
  expect(throttle.pauseOf(from(OTHER_MAC, "eve"))).toBeUndefined();
  expect(throttle.pauseOf(from(MAC, "eve", "a guess", elsewhere))).toBeUndefined();
  expect(throttle.pauseOf(guessOf("eve"))).toBeUndefined();
});

test("behaviour 8.4: whoever forges a MAC address keeps nobody out who was let in from there, and gains nothing by it", () => {
  throttle.judged(from(MAC, "Ada"), true);
  spray(MAC, 25);
  expect(throttle.pauseOf(from(MAC, "ADA"))).toBeUndefined();
  expect(throttle.take(from(MAC, "ada"))).toBeDefined();
  expect(throttle.pauseOf(from(MAC, "eve"))).toMatchObject({ of: "mac" });
  expect(throttle.pauseOf(from(OTHER_MAC, "ada"))).toBeUndefined();
  // An account of his own, right in between, begins nothing anew.
  throttle.judged(from(MAC, "mallory"), true);
  expect(throttle.pauseOf(from(MAC, "eve"))).toMatchObject({ of: "mac" });
  // And at home a name is still slowed as a name.
  for (let i = 0; i < 10; i++) throttle.judged(from(MAC, "ada"), false);
  expect(throttle.pauseOf(from(MAC, "ada"))).toEqual({ ms: 5 * SECOND_MS, of: "name" });
});

test("behaviour 8.4: a client has no more names in hand than may yet be wrong, and one that is refused takes no name's place", () => {
  spray(MAC, 15);
  const names = Array.from({ length: 30 }, (_, i) => throttle.take(from(MAC, `victim ${i}`)));
  const inHand = names.filter((one) => one !== undefined);
  expect(inHand).toHaveLength(5);
  expect(throttle.take(from(OTHER_MAC, "victim 0"))).toBeDefined();
  // Had the refused ones stayed in hand, ten of one name would be full.
  for (let i = 0; i < 10; i++) expect(throttle.take(from(MAC, "bob"))).toBeUndefined();
  for (let i = 0; i < 10; i++) expect(throttle.take(guessOf("bob"))).toBeDefined();
  for (const letGo of inHand) letGo();
  expect(throttle.take(from(MAC, "eve"))).toBeDefined();
});

test("behaviour 8.4: a device that repeats an old password guesses nothing from its MAC address either, and is forgotten in time", () => {
  for (let i = 0; i < 100; i++) throttle.judged(from(MAC, "bob", "of last year"), false);
  expect(throttle.pauseOf(from(MAC, "eve"))).toBeUndefined();
  spray(MAC, 25);
  expect(throttle.pauseOf(from(MAC, "eve"))).toMatchObject({ of: "mac" });
  passedMs += 15 * MINUTE_MS;
  spray(MAC, 19);
  expect(throttle.pauseOf(from(MAC, "eve"))).toBeUndefined();
});

test("however many MAC addresses are invented, so many are kept", () => {
  spray(MAC, 20);
  for (let i = 0; i < 30_000; i++) {
    throttle.judged(from(i.toString(16).padStart(12, "0") as typeof MAC, `nobody ${i}`), false);
  }
  expect(throttle.pauseOf(from(MAC, "eve"))).toBeUndefined();
});
