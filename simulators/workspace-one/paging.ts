import { countOf, type Query } from "../query.ts";

/** Largest page; more is silently cut to it. Also the default. */
const PAGE_SIZE_CAP = 500;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
}

/** Pages count from 0. `sizeName` differs by version: `pagesize`, from version 3 on `page_size`. */
export function pageOf<Row>(query: Query, sizeName: string, all: readonly Row[]): Page<Row> {
  const asked = countOf(query.one(sizeName), PAGE_SIZE_CAP);
  const pageSize = Math.min(asked === 0 ? PAGE_SIZE_CAP : asked, PAGE_SIZE_CAP);
  const page = countOf(query.one("page"), 0);
  return { rows: all.slice(page * pageSize, (page + 1) * pageSize), page, pageSize, total: all.length };
}
