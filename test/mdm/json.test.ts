import fc from "fast-check";
import { at, booleanAt, countAt, instantAt, listAt, parseJson, textAt } from "../../mdm/json.ts";

describe("tolerant readers", () => {
  test("read what is there, and nothing of another type", () => {
    const json = { a: { b: " text ", n: 5, blank: " ", yes: true, list: [1], none: null } };
    expect(textAt(json, "a", "b")).toBe("text");
    expect(textAt(json, "a", "n")).toBe("5");
    expect(textAt(json, "a", "blank")).toBeUndefined();
    expect(textAt(json, "a", "none", "deeper")).toBeUndefined();
    expect(countAt({ total: "17" }, "total")).toBe(17);
    expect(countAt({ total: -1 }, "total")).toBeUndefined();
    expect(booleanAt(json, "a", "yes")).toBe(true);
    expect(booleanAt(json, "a", "b")).toBeUndefined();
    expect(listAt(json, "a", "list")).toEqual([1]);
    expect(at(json, "constructor")).toBeUndefined();
  });

  test.each([
    ["2026-11-20T04:35:20.150", "2026-11-20T04:35:20.150Z"],
    ["2026-11-20T04:35:20Z", "2026-11-20T04:35:20Z"],
    ["2026-11-20T04:35:20+0200", "2026-11-20T02:35:20Z"],
    ["2022-01-16T09:13:59.5720125Z", "2022-01-16T09:13:59.572Z"],
    ["2026-11-20", "2026-11-20T00:00:00Z"],
  ])("%s is an instant in UTC", (text, iso) => expect(instantAt(text)).toBe(Date.parse(iso)));

  test.each(["0001-01-01T00:00:00.000", "", "yesterday", "2026-13-40T00:00:00"])("%p is never", (text) =>
    expect(instantAt(text)).toBeUndefined(),
  );

  test("never throw, whatever a server sends", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), fc.array(fc.string()), (value, path) => {
        for (const read of [at, textAt, countAt, booleanAt, listAt, instantAt])
          expect(() => read(value, ...path)).not.toThrow();
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => expect(() => parseJson(text)).not.toThrow()));
  });
});
