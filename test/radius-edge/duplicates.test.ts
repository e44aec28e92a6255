import { createDuplicates } from "../../radius-edge/duplicates.ts";

const ANSWER = Buffer.from("answer");

/** Arrives for the first time, and says how it was answered. */
function firstOf(duplicates: ReturnType<typeof createDuplicates>, key: string, now: number) {
  const arrival = duplicates.arrive(key, now);
  if (arrival.kind !== "new") throw new Error(`"${key}" is ${arrival.kind}`);
  return arrival.answer;
}

test("a repetition meets silence while the first is worked on, then the same octets for at least five seconds", () => {
  const duplicates = createDuplicates();
  const answer = firstOf(duplicates, "a", 0);
  expect(duplicates.arrive("a", 100)).toEqual({ kind: "inFlight" });
  answer(ANSWER);
  for (const now of [200, 5_000, 9_999]) {
    expect(duplicates.arrive("a", now)).toEqual({ kind: "answered", bytes: ANSWER });
  }
  expect(duplicates.arrive("a", 10_000).kind).toBe("new");
  expect(duplicates.arrive("b", 10_000).kind).toBe("new");
});

test("what was dropped is forgotten at once, so that its retransmission has its chance", () => {
  const duplicates = createDuplicates();
  firstOf(duplicates, "a", 0)(undefined);
  expect(duplicates.size).toBe(0);
  expect(duplicates.arrive("a", 1).kind).toBe("new");
});

test("memory is bounded: of too many answers the oldest go first", () => {
  const duplicates = createDuplicates(10_000, 3);
  for (const key of ["a", "b", "c", "d", "e"]) firstOf(duplicates, key, 0)(ANSWER);
  expect(duplicates.size).toBe(3);
  expect(duplicates.arrive("e", 1).kind).toBe("answered");
  expect(duplicates.arrive("a", 1).kind).toBe("new");
});
