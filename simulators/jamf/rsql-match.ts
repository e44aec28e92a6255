import type { RsqlFilter, RsqlOperator } from "./rsql.ts";

export type Scalar = string | number | boolean | null;
/** What a filter or a sort may ask of a row; a list stands for "any of these" (the groups of a device). */
export type Fields<Row> = Readonly<Record<string, (row: Row) => Scalar | readonly Scalar[]>>;

/** The first field of the filter that the endpoint does not have. */
export function unknownField<Row>(filter: RsqlFilter, fields: Fields<Row>): string | undefined {
  if (filter.kind === "comparison") return Object.hasOwn(fields, filter.field) ? undefined : filter.field;
  return filter.parts.map((part) => unknownField(part, fields)).find((field) => field !== undefined);
}

/** The filter as a question to one row. Its fields must be known. */
export function compileRsql<Row>(
  filter: RsqlFilter,
  fields: Fields<Row>,
  caseSensitive: boolean,
): (row: Row) => boolean {
  if (filter.kind !== "comparison") {
    const parts = filter.parts.map((part) => compileRsql(part, fields, caseSensitive));
    return filter.kind === "and" ? (row) => parts.every((part) => part(row)) : (row) => parts.some((part) => part(row));
  }
  const field = fields[filter.field]!;
  const holds = comparison(filter.operator, filter.values, caseSensitive);
  return (row) => holds([field(row)].flat());
}

type Comparison = (actual: readonly Scalar[]) => boolean;

function comparison(operator: RsqlOperator, values: readonly string[], caseSensitive: boolean): Comparison {
  const equals = equality(values, caseSensitive);
  const bound = values[0] ?? "";
  switch (operator) {
    case "==":
    case "=in=":
      return (actual) => actual.some(equals);
    case "!=":
    case "=out=":
      return (actual) => !actual.some(equals);
    case "<":
      return (actual) => actual.some((value) => value !== null && compareScalars(value, bound) < 0);
    case "<=":
      return (actual) => actual.some((value) => value !== null && compareScalars(value, bound) <= 0);
    case ">":
      return (actual) => actual.some((value) => value !== null && compareScalars(value, bound) > 0);
    case ">=":
      return (actual) => actual.some((value) => value !== null && compareScalars(value, bound) >= 0);
  }
}

/** Whether a value is one of `values`, in each of which `*` stands for any text. */
function equality(values: readonly string[], caseSensitive: boolean): (actual: Scalar) => boolean {
  const spelled = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  const exact = new Set(values.filter((value) => !value.includes("*")).map(spelled));
  const patterns = values.filter((value) => value.includes("*")).map((value) => wildcard(spelled(value)));
  return (actual) => {
    const text = spelled(String(actual ?? ""));
    return exact.has(text) || patterns.some((pattern) => pattern.test(text));
  };
}

function wildcard(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** Numbers by size, instants by time, everything else as text. */
export function compareScalars(a: Scalar, b: Scalar): number {
  const left = String(a ?? "");
  const right = String(b ?? "");
  const [x, y] = [measure(left), measure(right)];
  if (x !== undefined && y !== undefined) return x - y;
  return left < right ? -1 : left > right ? 1 : 0;
}

function measure(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const instant = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
}
