import { createRecent } from "../../radius-edge/recent.ts";

const value = (name: string) => ({ name });

test("of more values than it keeps, those used last are kept, at least half as many as it may hold", () => {
  const recent = createRecent<string, number, { name: string }>(4);
  for (let i = 0; i < 10; i++) {
    recent.set("a", i, value(`${i}`));
    expect(recent.get("a", 0)).toEqual(value("0"));
  }
  const kept = Array.from({ length: 10 }, (_, i) => i).filter((i) => recent.get("a", i) !== undefined);
  expect(kept).toContain(0);
  expect(kept).toContain(9);
  expect(kept.length).toBeLessThanOrEqual(4);
});

test("what is written again, or deleted, makes nobody be forgotten", () => {
  const recent = createRecent<string, number, { name: string }>(4);
  recent.set("a", 1, value("first"));
  for (let i = 0; i < 10; i++) {
    recent.set("b", 2, value(`${i}`));
    if (i % 2 === 0) recent.delete("b", 2);
    recent.set("c", 3, value(`${i}`));
    recent.deleteAll("c");
  }
  expect([recent.get("a", 1), recent.get("b", 2), recent.get("c", 3)]).toEqual([value("first"), value("9"), undefined]);
});

test("deleting reaches both generations, of one key or of all beside it", () => {
  const recent = createRecent<string, number, { name: string }>(4);
  for (let i = 0; i < 4; i++) recent.set("a", i, value(`${i}`));
  recent.delete("a", 0);
  expect(recent.get("a", 0)).toBeUndefined();
  recent.set("b", 1, value("of another"));
  recent.deleteAll("a");
  expect([1, 2, 3].map((i) => recent.get("a", i))).toEqual([undefined, undefined, undefined]);
  expect(recent.get("b", 1)).toEqual(value("of another"));
});
