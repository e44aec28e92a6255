import fc from "fast-check";
import { both, equals, isIn } from "../../../mdm/jamf/rsql.ts";
import { parseRsql } from "../../../simulators/jamf/rsql.ts";

test("values are quoted, and quotes within them escaped", () => {
  expect(equals("name", 'a "b" (c)\\')).toBe(String.raw`name=="a \"b\" (c)\\"`);
  expect(isIn("udid", ["A", "b"])).toBe('udid=in=("A","b")');
});

test("whatever a group is called, the filter still asks for that name and nothing else", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (name, values) => {
      const comparison = (field: string, operator: string, list: readonly string[]) => ({
        kind: "comparison",
        field,
        operator,
        values: list,
      });
      expect(parseRsql(both(equals("name", name), isIn("udid", values)))).toEqual({
        kind: "filter",
        filter: { kind: "and", parts: [comparison("name", "==", [name]), comparison("udid", "=in=", values)] },
      });
    }),
  );
});
