import fc from "fast-check";
import { parseRsql, type RsqlFilter } from "../../../simulators/jamf/rsql.ts";
import { compileRsql, type Fields, unknownField } from "../../../simulators/jamf/rsql-match.ts";
import { anyText } from "../shape.ts";

interface Row {
  readonly name: string;
  readonly size: number;
  readonly managed: boolean;
  readonly seen: string | null;
  readonly groups: readonly string[];
}
const FIELDS: Fields<Row> = {
  name: (row) => row.name,
  size: (row) => row.size,
  managed: (row) => row.managed,
  seen: (row) => row.seen,
  "group.names": (row) => row.groups,
};
const ROW: Row = {
  name: "Alex's Mac",
  size: 9,
  managed: true,
  seen: "2026-11-20T04:35:20Z",
  groups: ["All", "Compliant"],
};

function parsed(text: string): RsqlFilter {
  const parse = parseRsql(text);
  if (parse.kind !== "filter") throw new Error(`${text}: ${JSON.stringify(parse)}`);
  return parse.filter;
}
const matches = (text: string, row: Row = ROW): boolean => compileRsql(parsed(text), FIELDS, false)(row);

test.each([
  ['name=="alex\'s mac"', true],
  ['name=="Alex*"', true],
  ['name=="*mac"', true],
  ['name=="lex*"', false],
  ['name!="Alex*"', false],
  ["size==9", true],
  ["size<10", true],
  ["size=lt=10", true],
  ['size>="9"', true],
  ["size=gt=9", false],
  ["size=ge=9", true],
  ["size<=8", false],
  ["size=le=9", true],
  ['managed=="true"', true],
  ["managed==false", false],
  ['seen>"2026-11-01"', true],
  ['seen>"2026-11-20T04:35:21Z"', false],
  ['name=in=(other,"Alex\'s Mac")', true],
  ["name=in=('x','y')", false],
  ["name=out=(x, y)", true],
  ['group.names=="Compliant"', true],
  ['group.names!="Compliant"', false],
  ["group.names=out=(Compliant)", false],
  ['size==1 or size==9 and managed=="true"', true],
  ["size==9 and managed==false", false],
  ["size==1,managed==true", true],
  ["size==9;managed==false", false],
  ["(size==1 or size==9) and (managed==false or name==*Mac*)", true],
  ["  size == 9  ", true],
  ["size==9 AND managed==true", true],
])("%s: %s", (text, expected) => {
  expect(matches(text)).toBe(expected);
});

test("`and` binds tighter than `or`", () => {
  expect(parsed("a==1 or b==2 and c==3")).toMatchObject({ kind: "or", parts: [{ field: "a" }, { kind: "and" }] });
  expect(parsed("a==1,b==2;c==3")).toEqual(parsed("a==1 or b==2 and c==3"));
});

test("nothing is neither before nor after a bound, and equals the empty text", () => {
  const row = { ...ROW, seen: null };
  expect([matches('seen<"2999-01-01"', row), matches('seen>"2000-01-01"', row), matches('seen==""', row)]).toEqual([
    false,
    false,
    true,
  ]);
});

test("case counts only where the server says so", () => {
  expect(compileRsql(parsed("name==alex*"), FIELDS, true)(ROW)).toBe(false);
  expect(compileRsql(parsed("name==Alex*"), FIELDS, true)(ROW)).toBe(true);
});

test.each([
  "",
  "name",
  "name==",
  "==x",
  "name=~x",
  "name=in=x",
  "name=in=(x",
  "(name==x",
  "name==x)",
  'name=="x',
  "name==a b",
  "a==1 and",
])("malformed: %s", (text) => {
  expect(parseRsql(text)).toMatchObject({ kind: "malformed", expected: anyText });
});

test.each(["name==Foo (bar)", "name==Foo(bar)"])(
  "a parenthesis in a bare value is a failure of its own: %s",
  (text) => {
    expect(parseRsql(text)).toEqual({ kind: "parenthesisInBareValue" });
  },
);

test("the first unknown field is named, however deep, and none inherited from Object", () => {
  expect(unknownField(parsed("name==x and (size==1 or colour==red)"), FIELDS)).toBe("colour");
  expect(unknownField(parsed("toString==x"), FIELDS)).toBe("toString");
  expect(unknownField(parsed("name==x"), FIELDS)).toBeUndefined();
});

test("no text makes the parser throw", () => {
  const fragments = fc.constantFrom(
    "name",
    "==",
    "=in=",
    "(",
    ")",
    '"',
    "'",
    "\\",
    ",",
    ";",
    " and ",
    " or ",
    "*",
    "x",
    " ",
  );
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(fragments).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (any) => {
      expect(["filter", "malformed", "parenthesisInBareValue"]).toContain(parseRsql(any).kind);
    }),
    { numRuns: 500 },
  );
});

test("any value comes back from quotes as it went in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => {
      const quoted = `"${value.replace(/["\\]/g, String.raw`\$&`)}"`;
      expect(parsed(`name==${quoted}`)).toMatchObject({ values: [value] });
    }),
  );
});

const comparisons: fc.Arbitrary<RsqlFilter> = fc.record({
  kind: fc.constant("comparison" as const),
  field: fc.constantFrom("size", "name"),
  operator: fc.constantFrom("==" as const, "!=" as const, "<" as const, ">=" as const),
  values: fc.tuple(fc.integer({ min: 0, max: 20 }).map(String)),
});
const filters = fc.letrec<{ tree: RsqlFilter }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    comparisons,
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      parts: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).tree;

function written(filter: RsqlFilter): string {
  if (filter.kind === "comparison") return `${filter.field}${filter.operator}"${filter.values[0]}"`;
  return `(${filter.parts.map(written).join(filter.kind === "and" ? ";" : " or ")})`;
}

test("a filter that was written out and read again answers as before", () => {
  fc.assert(
    fc.property(filters, fc.integer({ min: 0, max: 20 }), (filter, size) => {
      const row = { ...ROW, size };
      const again = compileRsql(parsed(written(filter)), FIELDS, false)(row);
      expect(again).toBe(compileRsql(filter, FIELDS, false)(row));
    }),
  );
});
