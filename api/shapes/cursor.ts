import { badRequest } from "../failure.ts";
import type { TimeWindow } from "./window.ts";

/** Where a page of a search ended: an instant in epoch milliseconds, and what tells apart those that share it. */
export interface Cursor {
  readonly at: number;
  readonly key: string;
}

function encode({ at, key }: Cursor): string {
  return Buffer.from(`${at}/${key}`).toString("base64url");
}

/** Reads `search_after`. Throws ApiFailure 400 for what is none of ours. */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [, at, key] = /^(\d{1,15})\/([0-9a-f-]{12,36})$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  if (at === undefined || key === undefined)
    throw badRequest("invalidCursor", "search_after is not one that a search gave");
  return { at: Number(at), key };
}

/** The path of the next page: the same search, its window pinned, from where this page ended. */
export function nextPage(url: string, { start, end }: TimeWindow, cursor: Cursor | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const { pathname, searchParams } = new URL(url, "http://localhost");
  searchParams.delete("duration");
  searchParams.set("start", String(start / 1000));
  searchParams.set("end", String(end / 1000));
  searchParams.set("search_after", encode(cursor));
  return `${pathname}?${searchParams.toString()}`;
}
