import { createPace } from "../../workers/pace.ts";

test("turns come in the order asked for, and no faster than the rate", async () => {
  const pace = createPace(50);
  const began = performance.now();
  const order: number[] = [];
  await Promise.all([0, 1, 2, 3, 4].map((turn) => pace.turn().then(() => order.push(turn))));
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect(performance.now() - began).toBeGreaterThanOrEqual(75); // four gaps of 20 ms, less what timers round
});

test("an idle pace saves nothing up: after a rest the next two turns are a gap apart again", async () => {
  let now = 0;
  const pace = createPace(20, () => now);
  await pace.turn();
  now = 10_000;
  const began = performance.now();
  await pace.turn();
  await pace.turn();
  expect(performance.now() - began).toBeGreaterThanOrEqual(45);
});
