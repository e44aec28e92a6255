import { Counter } from "prom-client";
import type { Histogram } from "prom-client";
import type { Metrics } from "./metrics.ts";

/*
 * Counting for hot paths. prom-client looks the labels of each value up, by text put together for it; here a look-up by the
 * label itself does, and prom-client hears of the result when it is asked for.
 */

interface Described {
  readonly name: string;
  readonly help: string;
}

/** A counter with two labels. */
export interface Tally {
  add(first: string, second: string): void;
}

export function createTally(
  registry: Metrics,
  { labelNames, ...described }: Described & { readonly labelNames: readonly [string, string] },
): Tally {
  const [outer, inner] = labelNames;
  const counts = new Map<string, Map<string, number>>();
  new Counter({
    ...described,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [first, ofFirst] of counts) {
        for (const [second, count] of ofFirst) this.inc({ [outer]: first, [inner]: second }, count);
      }
    },
  });
  return {
    add(first, second) {
      let ofFirst = counts.get(first);
      if (ofFirst === undefined) counts.set(first, (ofFirst = new Map<string, number>()));
      ofFirst.set(second, (ofFirst.get(second) ?? 0) + 1);
    },
  };
}

/** How long something took: a histogram with one label. */
export interface Durations {
  observe(label: string, seconds: number): void;
}

/** `buckets`: upper bounds in seconds, ascending; the last bucket has none. */
export function createDurations(
  registry: Metrics,
  { name, help, labelName, buckets }: Described & { readonly labelName: string; readonly buckets: readonly number[] },
): Durations {
  /** For each label the number in each bucket, and the sum of seconds behind them. */
  const series = new Map<string, Float64Array>();
  const sumAt = buckets.length + 1;
  const valuesOf = ([label, counts]: [string, Float64Array]): readonly object[] => {
    const labels = { [labelName]: label };
    let count = 0;
    const cumulative = [...buckets, "+Inf"].map((le, i) => {
      count += counts[i]!;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    const sum = { metricName: `${name}_sum`, labels, value: counts[sumAt] };
    return [...cumulative, sum, { metricName: `${name}_count`, labels, value: count }];
  };
  const collected = { name, help, type: "histogram", aggregator: "sum" };
  const metric = { ...collected, get: async () => ({ ...collected, values: [...series].flatMap(valuesOf) }) };
  // All that a registry asks of a metric is its name and `get`.
  registry.registerMetric(metric as unknown as Histogram);
  return {
    observe(label, seconds) {
      let counts = series.get(label);
      if (counts === undefined) series.set(label, (counts = new Float64Array(sumAt + 1)));
      let bucket = 0;
      while (bucket < buckets.length && seconds > buckets[bucket]!) bucket++;
      counts[bucket]! += 1;
      counts[sumAt]! += seconds;
    },
  };
}
