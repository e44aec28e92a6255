import type { FastifyReply, FastifyRequest } from "fastify";
import { countOf, type Query, readQuery } from "../query.ts";
import { badRequest, sendApiError, sendJson } from "./api-error.ts";
import { parseRsql } from "./rsql.ts";
import { compareScalars, compileRsql, type Fields, unknownField } from "./rsql-match.ts";
import type { JamfTenant } from "./tenant.ts";

const DEFAULT_PAGE_SIZE = 100;
/** More is silently cut to it. */
const PAGE_SIZE_CAP = 2000;

/** A paged endpoint. `fields` can be sorted by, and filtered by where `filterable`. */
export interface Collection<Row> {
  readonly fields: Fields<Row>;
  readonly filterable: boolean;
  /** `field:asc` or `field:desc`. */
  readonly defaultSort: string;
  readonly shape: (row: Row) => object;
}

type Selection<Row> =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "refused"; readonly status: number; readonly description: string | undefined };

/** Answers `{totalCount, results}` with one page of the rows that the filter leaves; `totalCount` counts all of those. */
export function sendCollection<Row>(
  request: FastifyRequest,
  reply: FastifyReply,
  tenant: JamfTenant,
  rows: readonly Row[],
  collection: Collection<Row>,
): FastifyReply {
  const query = readQuery(request.url, "exact");
  const filtered = collection.filterable
    ? select(query, tenant, rows, collection.fields)
    : { kind: "rows" as const, rows };
  const selection = filtered.kind === "rows" ? sorted(query, filtered.rows, collection) : filtered;
  if (selection.kind === "refused") {
    const { status, description } = selection;
    return sendApiError(reply, status, ...(description === undefined ? [] : [badRequest(description)]));
  }
  const asked = countOf(query.one("page-size"), DEFAULT_PAGE_SIZE);
  const size = Math.min(Math.max(asked, 1), PAGE_SIZE_CAP);
  const start = countOf(query.one("page"), 0) * size;
  const results = selection.rows.slice(start, start + size).map(collection.shape);
  return sendJson(reply, { totalCount: selection.rows.length, results });
}

function select<Row>(
  query: Query,
  { settings }: JamfTenant,
  rows: readonly Row[],
  fields: Fields<Row>,
): Selection<Row> {
  const text = query.one("filter");
  if (text === undefined || text === "") return { kind: "rows", rows };
  const parsed = parseRsql(text);
  switch (parsed.kind) {
    case "parenthesisInBareValue":
      return { kind: "refused", status: 500, description: undefined };
    case "malformed": {
      // The real server's words for this are not known.
      const description = `Invalid filter: expected ${parsed.expected} at position ${parsed.position}`;
      return { kind: "refused", status: 400, description };
    }
    case "filter": {
      const unknown = unknownField(parsed.filter, fields);
      if (unknown !== undefined) return refusedField("filter", "filtering", unknown, fields);
      return { kind: "rows", rows: rows.filter(compileRsql(parsed.filter, fields, settings.caseSensitiveFilters)) };
    }
  }
}

function sorted<Row>(query: Query, rows: readonly Row[], { fields, defaultSort }: Collection<Row>): Selection<Row> {
  const asked = query.list("sort");
  const keys = (asked.length === 0 ? [defaultSort] : asked).map((key) => key.split(":"));
  const unknown = keys.find(([field = ""]) => !Object.hasOwn(fields, field));
  if (unknown !== undefined) return refusedField("sort", "sorting", unknown[0] ?? "", fields);
  const compare = (a: Row, b: Row): number => {
    for (const [field = "", direction] of keys) {
      const order = compareScalars(one(fields[field]!(a)), one(fields[field]!(b)));
      if (order !== 0) return direction?.toLowerCase() === "desc" ? -order : order;
    }
    return 0;
  };
  return { kind: "rows", rows: rows.toSorted(compare) };
}

function one<Value>(value: Value | readonly Value[]): Value {
  return [value].flat()[0] as Value;
}

/** The sentence for filters is the real server's (jamf-pro-sdk-python PR#58). */
function refusedField<Row>(verb: string, gerund: string, field: string, fields: Fields<Row>): Selection<Row> {
  const names = Object.keys(fields).join(", ");
  const description = `Cannot ${verb} by field [${field}]. Fields that can be used in ${gerund} results of this endpoint: [${names}]`;
  return { kind: "refused", status: 400, description };
}
