import type { Static } from "typebox";
import type { Tally } from "../../store/counts.ts";
import type { Count } from "../schemas/common.ts";
import { seconds } from "./present.ts";
import type { TimeWindow } from "./window.ts";

const DEFAULT_LIMIT = 100;

/** Mist's count answer: each result has the value under the name of the field that was counted by. */
export function countAnswer(
  distinct: string,
  window: TimeWindow,
  limit: number | undefined,
  tallies: readonly Tally[],
): Static<typeof Count> {
  return {
    distinct,
    start: seconds(window.start),
    end: seconds(window.end),
    limit: limit ?? DEFAULT_LIMIT,
    total: tallies.length,
    results: tallies.slice(0, limit ?? DEFAULT_LIMIT).map(({ value, count }) => ({ [distinct]: value, count })),
  };
}
