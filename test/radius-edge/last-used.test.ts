import { createLastUsed } from "../../radius-edge/last-used.ts";

test("of more than it may hold, those go that were not used for longest", () => {
  const cache = createLastUsed<true>(3);
  for (const key of ["a", "b", "c"]) cache.set(key, true);
  expect(cache.get("a")).toBe(true);
  cache.set("d", true);
  expect(["a", "b", "c", "d"].filter((key) => cache.get(key))).toEqual(["a", "c", "d"]);
  cache.delete("c");
  expect([cache.size, cache.get("c")]).toEqual([2, undefined]);
});

test("a value that is set again takes the place of the one before", () => {
  const cache = createLastUsed<{ readonly of: string }>(2);
  cache.set("a", { of: "first" });
  cache.set("b", { of: "b" });
  cache.set("a", { of: "second" });
  expect([cache.size, cache.get("a"), cache.get("b")]).toEqual([2, { of: "second" }, { of: "b" }]);
});

test("what may hold a million takes no room for them before they come", () => {
  const heapOf = (made: unknown[]): number => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 10; i++) made.push(createLastUsed<true>(1_000_000));
    return process.memoryUsage().heapUsed - before;
  };
  const made: unknown[] = [];
  // Sixteen million octets each, were it set aside.
  expect(heapOf(made)).toBeLessThan(50_000_000);
  expect(made).toHaveLength(10);
});
