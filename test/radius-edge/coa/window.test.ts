import { createCoaWindow, NAS_WINDOW } from "../../../radius-edge/coa/window.ts";
import type { CoaWindow, Passage } from "../../../radius-edge/coa/window.ts";

const WINDOW = 2_000;

function enterMany(
  window: CoaWindow,
  nas: string,
  count: number,
): { readonly begun: Passage[]; readonly all: Passage[] } {
  const begun: Passage[] = [];
  const all = Array.from({ length: count }, () => window.enter(nas, (passage) => begun.push(passage)));
  return { begun, all };
}

test("a NAS starts with one socket's identifiers, and earns more by answering", () => {
  const window = createCoaWindow();
  const { begun } = enterMany(window, "switch", 3_000);
  expect(begun).toHaveLength(NAS_WINDOW.first);
  for (let answered = 0; answered < 1_000; answered++) begun[answered]!.leave(true);
  expect(begun.length - 1_000).toBe(NAS_WINDOW.most);
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
