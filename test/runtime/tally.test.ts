import { Registry } from "prom-client";
import { createDurations, createTally } from "../../runtime/tally.ts";

test("a tally is a counter with two labels, however often it is read", async () => {
  const registry = new Registry();
  const tally = createTally(registry, { name: "seen_total", help: "Seen", labelNames: ["kind", "result"] });
  for (const result of ["yes", "no", "yes"]) tally.add("a", result);
  const expected = ['seen_total{kind="a",result="yes"} 2', 'seen_total{kind="a",result="no"} 1'];
  for (let i = 0; i < 2; i++) {
    const lines = (await registry.metrics()).split("\n");
    expect(lines).toEqual(expect.arrayContaining(["# TYPE seen_total counter", ...expected]));
  }
});

test("durations are a histogram with one label: cumulative buckets, each with its bound, sum and count", async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ role: "edge" });
  const durations = createDurations(registry, { name: "took", help: "Took", labelName: "code", buckets: [0.5, 2] });
  for (const seconds of [0.25, 0.5, 1, 8]) durations.observe("a", seconds);
  durations.observe("b", 4);
  const lines = (await registry.metrics()).split("\n").filter((line) => line !== "");
  expect(lines).toEqual([
    "# HELP took Took",
    "# TYPE took histogram",
    'took_bucket{le="0.5",code="a",role="edge"} 2',
    'took_bucket{le="2",code="a",role="edge"} 3',
    'took_bucket{le="+Inf",code="a",role="edge"} 4',
    'took_sum{code="a",role="edge"} 9.75',
    'took_count{code="a",role="edge"} 4',
    'took_bucket{le="0.5",code="b",role="edge"} 0',
    'took_bucket{le="2",code="b",role="edge"} 0',
    'took_bucket{le="+Inf",code="b",role="edge"} 1',
    'took_sum{code="b",role="edge"} 4',
    'took_count{code="b",role="edge"} 1',
  ]);
});
