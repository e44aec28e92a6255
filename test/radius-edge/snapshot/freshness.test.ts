import { createFreshness } from "../../../radius-edge/snapshot/freshness.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../domain/time.ts";
import { decide } from "../../../domain/policy.ts";
import { evidence, NOW, snapshot, verdict } from "../../support/domain-values.ts";

/** Both clocks of a machine, and what its edge made of them. */
function startAt(wallMs: number, syncedAt = wallMs) {
  const clocks = { wall: wallMs, monotonic: 1_000 };
  const news: string[] = [];
  const freshness = createFreshness({
    syncedAt,
    wall: () => clocks.wall,
    monotonic: () => clocks.monotonic,
    onJump: (jumpMs) => news.push(`jump ${jumpMs / MINUTE_MS}`),
    onClockBack: () => news.push("back"),
  });
  const pass = (ms: number): void => {
    clocks.wall += ms;
    clocks.monotonic += ms;
  };
  return { clocks, news, freshness, pass };
}

test("behaviour 10.1: an edge that is cut off grows old, and its verdicts do not", () => {
  const { freshness, pass } = startAt(NOW);
  pass(HOUR_MS);
  freshness.synced();
  pass(30 * DAY_MS);
  expect(freshness.ageMs()).toBe(30 * DAY_MS);
  expect(freshness.agesUntil()).toBe(NOW + HOUR_MS);
  freshness.synced();
  expect(freshness.agesUntil()).toBe(NOW + HOUR_MS + 30 * DAY_MS);
  expect(freshness.ageMs()).toBe(0);
});

test("behaviour 10.1: an edge that began from its disk is as old as what it found there", () => {
  const { freshness, pass } = startAt(NOW, NOW - DAY_MS);
  pass(HOUR_MS);
  expect(freshness.ageMs()).toBe(DAY_MS + HOUR_MS);
  expect(freshness.agesUntil()).toBe(NOW - DAY_MS);
});

test.each([6 * MINUTE_MS, -6 * MINUTE_MS, 3_650 * DAY_MS])(
  "behaviour 10.1: a clock that jumps by %d ms alarms once and suspends ageing until it is back",
  (jump) => {
    const { clocks, news, freshness, pass } = startAt(NOW);
    pass(HOUR_MS);
    clocks.wall += jump;
    freshness.synced();
    pass(HOUR_MS);
    freshness.synced();
    expect(freshness.agesUntil()).toBe(NOW);
    expect(freshness.jumpMs()).toBe(jump);
    expect(freshness.ageMs()).toBe(0);
    expect(news).toEqual([`jump ${jump / MINUTE_MS}`]);
    clocks.wall -= jump;
    freshness.synced();
    expect(freshness.agesUntil()).toBe(NOW + 2 * HOUR_MS);
    expect(freshness.jumpMs()).toBe(0);
    expect(news.at(-1)).toBe("back");
  },
);

test("behaviour 10.1: a clock that is corrected by less than five minutes, however often, is no alarm", () => {
  const { clocks, news, freshness, pass } = startAt(NOW);
  for (let i = 0; i < 10; i++) {
    pass(HOUR_MS);
    clocks.wall += 4 * MINUTE_MS;
    freshness.synced();
  }
  expect(news).toEqual([]);
  expect(freshness.agesUntil()).toBe(clocks.wall);
});

test("behaviour 10.1: a verdict that was good when the edge was cut off decides on; one too old by then stays so", () => {
  const seen = evidence();
  const cutOffAt = NOW;
  const later = NOW + 30 * DAY_MS;
  const rules = (checkedAt: number, isCutOff: boolean) =>
    snapshot([], [], {
      verdictOf: () => verdict({ checkedAt, dueAt: NOW }),
      ...(isCutOff ? { verdictsAgeUntil: cutOffAt } : {}),
    });
  const complianceOf = (checkedAt: number, isCutOff: boolean) =>
    decide(seen, rules(checkedAt, isCutOff), later).compliance;
  expect(complianceOf(NOW - DAY_MS, true)).toEqual({ status: "compliant", reason: "reported" });
  expect(complianceOf(NOW - 8 * DAY_MS, true)).toEqual({ status: "unknown", reason: "expired" });
  expect(complianceOf(NOW - DAY_MS, false)).toEqual({ status: "unknown", reason: "expired" });
  // What is due is due by the true time: the wish waits in the journal.
  expect(decide(seen, rules(NOW - DAY_MS, true), later).lookUpWanted).toBe(true);
});
