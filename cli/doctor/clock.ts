import { SECOND_MS } from "../../domain/time.ts";
import { readDatabaseClock } from "../../store/availability.ts";
import type { Store } from "../../store/pool.ts";
import { fault, good } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Beyond it verdicts age wrongly, and NASes take CoA for replays (RFC 5176 §6.3). */
const TOLERATED_MS = 2 * SECOND_MS;

/** This machine's clock against that of Postgres, less half of the way there and back. */
export async function examineClock(store: Store): Promise<readonly Finding[]> {
  const asked = Date.now();
  const there = await readDatabaseClock(store);
  const offsetMs = there - (asked + Date.now()) / 2;
  const text = `clock: ${(Math.abs(offsetMs) / SECOND_MS).toFixed(1)} s ${offsetMs > 0 ? "behind" : "ahead of"} that of Postgres`;
  return [Math.abs(offsetMs) > TOLERATED_MS ? fault(text, "let NTP set the clocks of both machines") : good(text)];
}
