import { setTimeout as sleep } from "node:timers/promises";
import { startRounds } from "../../workers/rounds.ts";

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !done(); tries++) await sleep(10);
  expect(done()).toBe(true);
}

test("a round that fails is told and tried again soon; one that was hurried does not wait for its time", async () => {
  let rounds = 0;
  const failures: unknown[] = [];
  const upkeep = startRounds({
    everyMs: 3_600_000,
    afterFailureMs: 20,
    atLeastMs: 10,
    round: () => (++rounds === 1 ? Promise.reject(new Error("away")) : Promise.resolve()),
    onFailure: (error) => failures.push(error),
  });
  await until(() => rounds === 2);
  expect(failures).toEqual([new Error("away")]);
  upkeep.hurry();
  await until(() => rounds === 3);
  await upkeep.close();
  expect(rounds).toBe(3);
});

test("closing waits for the round under way", async () => {
  let finish: (() => void) | undefined;
  let over = false;
  const upkeep = startRounds({
    everyMs: 1_000,
    afterFailureMs: 1_000,
    atLeastMs: 1_000,
    round: () => new Promise((resolve) => (finish = resolve)),
    onFailure: () => undefined,
  });
  const closing = upkeep.close().then(() => (over = true));
  await sleep(30);
  expect(over).toBe(false);
  finish!();
  await closing;
  expect(over).toBe(true);
});
