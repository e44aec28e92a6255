import { DAY_MS, parseDurationMs, SECOND_MS } from "../../domain/time.ts";
import { badRequest } from "../failure.ts";

/** A stretch of time that a search looks at, in epoch milliseconds: `start` ≤ instant < `end`. */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

interface WindowFields {
  readonly start?: string;
  readonly end?: string;
  readonly duration?: string;
}

/** Edges' clocks may be this much ahead of ours: what they just saw belongs to "now". */
const CLOCK_TOLERANCE_MS = 2 * SECOND_MS;

/** What Postgres and we can both tell, and nothing was before 1970. */
const LATEST = Date.UTC(10_000, 0);

/** Reads Mist's start, end and duration: the last day when all are absent. Throws ApiFailure 400. */
export function readWindow(fields: WindowFields, now: number): TimeWindow {
  const end =
    fields.end === undefined || fields.end === "now" ? now + CLOCK_TOLERANCE_MS : instantOf("end", fields.end, now);
  const duration = fields.duration === undefined ? DAY_MS : durationOf("duration", fields.duration);
  const start = Math.max(0, fields.start === undefined ? end - duration : instantOf("start", fields.start, now));
  if (end > LATEST) throw badRequest("invalidWindow", "end is beyond the year 9999");
  if (start >= end) throw badRequest("invalidWindow", "start must be before end");
  return { start, end };
}

/** Epoch seconds, or a duration back from now with a minus before it. */
function instantOf(name: string, text: string, now: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * SECOND_MS);
  if (text.startsWith("-")) return now - durationOf(name, text.slice(1));
  throw badRequest("invalidWindow", `${name} "${text}" is neither epoch seconds nor a time back such as -1d`);
}

function durationOf(name: string, text: string): number {
  const weeks = /^(\d+)w$/.exec(text)?.[1];
  const ms = weeks === undefined ? parseDurationMs(text) : Number(weeks) * 7 * DAY_MS;
  if (ms === undefined)
    throw badRequest("invalidWindow", `${name} "${text}" is no duration such as 90s, 15m, 2h, 7d or 2w`);
  return ms;
}
