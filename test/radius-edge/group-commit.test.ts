import { setImmediate as nextTurn } from "node:timers/promises";
import { createGroupCommit } from "../../radius-edge/group-commit.ts";

/** A writer whose commits end when the test says so; `told` is what happened, in order. */
function slowWriter(most = 10) {
  const told: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const group = createGroupCommit<string>({
    most,
    commit: (items) =>
      new Promise((resolve, reject) => {
        told.push(`commit ${items.join()}`);
        ends.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
    onIdle: () => told.push("idle"),
  });
  const add = (...items: readonly string[]): void => {
    for (const item of items) {
      group.add(item).then(
        () => told.push(`${item} written`),
        (error: Error) => told.push(`${item}: ${error.message}`),
      );
    }
  };
  /** Ends the oldest commit under way. */
  const end = async (error?: Error): Promise<void> => {
    ends.shift()!(error);
    await nextTurn();
  };
  return { group, told, add, end };
}

test("what comes in one turn goes together, and what comes meanwhile is the next batch, begun before those of the last are told", async () => {
  const { told, add, end } = slowWriter();
  add("a", "b");
  await nextTurn();
  add("c");
  await nextTurn();
  add("d");
  expect(told).toEqual(["commit a,b"]);
  await end();
  expect(told.splice(1)).toEqual(["commit c,d", "a written", "b written"]);
  await end();
  expect(told.splice(1).toSorted()).toEqual(["c written", "d written", "idle"]);
});

test("a batch that fails fails those in it alone", async () => {
  const { told, add, end } = slowWriter(2);
  add("a", "b", "c");
  await nextTurn();
  await end(new Error("no"));
  await end();
  expect(told.toSorted()).toEqual(["a: no", "b: no", "c written", "commit a,b", "commit c", "idle"]);
});

test("the oldest that waits is told, under way or not", async () => {
  const { group, add, end } = slowWriter(1);
  expect(group.waitingMs()).toBe(0);
  add("a", "b");
  await nextTurn();
  expect(group.waitingMs()).toBeGreaterThan(0);
  await end();
  expect(group.waitingMs()).toBeGreaterThan(0);
  await end();
  expect(group.waitingMs()).toBe(0);
});

test("a commit that throws at once fails its batch, and stops nobody", async () => {
  const group = createGroupCommit<string>({
    most: 1,
    commit: (items) => {
      if (items[0] === "b") throw new Error("no");
      return Promise.resolve();
    },
    onIdle: () => undefined,
  });
  const outcomes = await Promise.allSettled(["a", "b", "c"].map((item) => group.add(item)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
