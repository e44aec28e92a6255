import { randomBytes } from "node:crypto";
import { createSeals } from "../../runtime/secrets.ts";
import { checkCanary } from "../../store/canary.ts";
import { openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

function withKey(kid: string, key = randomBytes(32)) {
  const master = { kid, key };
  return { ...store, seals: createSeals({ current: master, all: [master] }) };
}

test("the key that sealed the canary is right, whoever asks; another key of that name is wrong", async () => {
  const right = withKey("k1");
  const starts = await Promise.all([checkCanary(right, "k1"), checkCanary(right, "k1")]);
  expect(starts).toEqual([{ kind: "ok" }, { kind: "ok" }]);
  expect(await checkCanary(withKey("k1"), "k1")).toEqual({ kind: "wrongKey" });
  expect(await checkCanary(right, "k1")).toEqual({ kind: "ok" });
});

test("a new key has a canary of its own", async () => {
  expect(await checkCanary(withKey("k2"), "k2")).toEqual({ kind: "ok" });
  expect(await checkCanary(withKey("k2"), "k2")).toEqual({ kind: "wrongKey" });
});
