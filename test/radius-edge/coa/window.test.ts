import { createCoaWindow, NAS_WINDOW, WINDOW } from "../../../radius-edge/coa/window.ts";
import type { CoaWindow, Passage } from "../../../radius-edge/coa/window.ts";

function enterMany(
  window: CoaWindow,
  nas: string,
  count: number,
): { readonly begun: Passage[]; readonly all: Passage[] } {
  const begun: Passage[] = [];
  const all = Array.from({ length: count }, () => window.enter(nas, (passage) => begun.push(passage)));
  return { begun, all };
}

/** So many answers, and a NAS has earned the most. */
const EARNED_BY = NAS_WINDOW.most - NAS_WINDOW.first;
function earn(begun: readonly Passage[]): void {
  for (let answered = 0; answered < EARNED_BY; answered++) begun[answered]!.leave(true);
}

test("a NAS starts with one socket's identifiers, and earns more by answering", () => {
  const window = createCoaWindow();
  const { begun } = enterMany(window, "switch", 3_000);
  expect(begun).toHaveLength(NAS_WINDOW.first);
  earn(begun);
  expect(begun.length - EARNED_BY).toBe(NAS_WINDOW.most);
});

test("a NAS that dies with all that it has earned leaves room to the others at once, and silence takes it back", () => {
  const window = createCoaWindow();
  const { begun } = enterMany(window, "switch", 3_000);
  earn(begun);
  const others = enterMany(window, "other", NAS_WINDOW.first);
  expect(others.begun).toHaveLength(NAS_WINDOW.first);
  for (const passage of begun.slice(EARNED_BY)) passage.overdue();
  const before = begun.length;
  for (const passage of begun.slice(EARNED_BY)) passage.leave(false);
  expect(begun.length - before).toBe(NAS_WINDOW.least);
});

test("those who wait begin in their order, whoever of them gave up", () => {
  const window = createCoaWindow();
  enterMany(window, "switch", NAS_WINDOW.first - 1);
  const [first] = enterMany(window, "switch", 1).begun;
  const begun: number[] = [];
  const waiting = Array.from({ length: 5_000 }, (_, n) =>
    window.enter("switch", (passage) => {
      begun.push(n);
      passage.leave(false);
    }),
  );
  const givenUp = [0, 1, 7, 1_000, 4_999];
  for (const n of givenUp) expect(waiting[n]!.withdraw()).toBe(true);
  first!.leave(false);
  expect(begun).toEqual(waiting.map((_, n) => n).filter((n) => !givenUp.includes(n)));
  // An empty queue fills again.
  expect(enterMany(window, "switch", 1).begun).toHaveLength(1);
});

test("a silent NAS falls to the least, and its overdue requests make room for the others", () => {
  const window = createCoaWindow();
  const dead = Array.from({ length: 10 }, (_, n) => enterMany(window, `dead ${n}`, 300));
  expect(dead.reduce((sum, { begun }) => sum + begun.length, 0)).toBe(WINDOW);
  const live = enterMany(window, "live", 100);
  expect(live.begun).toHaveLength(0);
  for (const { begun } of dead) for (const passage of begun.slice()) passage.overdue();
  expect(live.begun).toHaveLength(100);
  const [first] = dead;
  const before = first!.begun.length;
  for (const passage of first!.begun.slice()) passage.leave(false);
  expect(first!.begun.length - before).toBe(NAS_WINDOW.least);
});

test("NASes that wait take turns", () => {
  const window = createCoaWindow();
  const full = Array.from({ length: 8 }, (_, n) => enterMany(window, `busy ${n}`, 250)).flatMap(({ begun }) => begun);
  expect(full).toHaveLength(WINDOW);
  const one = enterMany(window, "one", 10);
  const other = enterMany(window, "other", 10);
  for (const passage of full.slice(0, 10)) passage.leave(true);
  expect([one.begun.length, other.begun.length]).toEqual([5, 5]);
});

test("a place in the queue can be given up, one that has begun cannot", () => {
  const window = createCoaWindow();
  const { all, begun } = enterMany(window, "switch", NAS_WINDOW.first + 1);
  expect(all.at(-1)!.withdraw()).toBe(true);
  expect(all[0]!.withdraw()).toBe(false);
  all[0]!.leave(true);
  expect(begun).toHaveLength(NAS_WINDOW.first);
});

test("a request counts once, however often it is said to be over", () => {
  const window = createCoaWindow();
  const { begun } = enterMany(window, "switch", NAS_WINDOW.first + 2);
  begun[0]!.overdue();
  begun[0]!.overdue();
  begun[0]!.leave(true);
  begun[0]!.leave(true);
  // Halved once by the silence: what is under way is more than what is now allowed.
  expect(begun).toHaveLength(NAS_WINDOW.first);
});
