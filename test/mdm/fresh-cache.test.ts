import { FreshCache } from "../../mdm/fresh-cache.ts";

function cacheAt(clock: { ms: number }): FreshCache<{ freshUntil: number; name: string }> {
  return new FreshCache(() => clock.ms, 10);
}

describe("values that many callers share", () => {
  test("a hundred callers at once make one flight", async () => {
    const cache = cacheAt({ ms: 0 });
    let flights = 0;
    const obtain = async () => ({ freshUntil: 100, name: `flight ${++flights}` });
    const values = await Promise.all(Array.from({ length: 100 }, () => cache.take("key", obtain)));
    expect(new Set(values.map(({ name }) => name))).toEqual(new Set(["flight 1"]));
  });

  test("a value is kept until it goes stale, and keys do not mix", async () => {
    const clock = { ms: 0 };
    const cache = cacheAt(clock);
    const named = (name: string) => async () => ({ freshUntil: 100, name });
    await cache.take("key", named("first"));
    clock.ms = 99;
    expect(await cache.take("key", named("second"))).toMatchObject({ name: "first" });
    expect(await cache.take("other", named("other"))).toMatchObject({ name: "other" });
    clock.ms = 100;
    expect(await cache.take("key", named("third"))).toMatchObject({ name: "third" });
  });

  test("a failure is shared by its flight and kept for nobody", async () => {
    const cache = cacheAt({ ms: 5 });
    const failing = async () => ({ freshUntil: 0, name: "failure" });
    expect((await Promise.all([cache.take("key", failing), cache.take("key", failing)])).length).toBe(2);
    expect(await cache.take("key", async () => ({ freshUntil: 10, name: "success" }))).toMatchObject({
      name: "success",
    });
  });

  test("a flight that throws leaves nothing behind", async () => {
    const cache = cacheAt({ ms: 0 });
    await expect(cache.take("key", () => Promise.reject(new Error("bug")))).rejects.toThrow("bug");
    expect(await cache.take("key", async () => ({ freshUntil: 10, name: "next" }))).toMatchObject({ name: "next" });
  });

  test("dropping an old value leaves a newer one alone", async () => {
    const clock = { ms: 0 };
    const cache = cacheAt(clock);
    const old = await cache.take("key", async () => ({ freshUntil: 10, name: "old" }));
    clock.ms = 20;
    const newer = await cache.take("key", async () => ({ freshUntil: 30, name: "newer" }));
    cache.drop("key", old);
    expect(await cache.take("key", async () => ({ freshUntil: 40, name: "unwanted" }))).toBe(newer);
    cache.drop("key", newer);
    expect(await cache.take("key", async () => ({ freshUntil: 40, name: "wanted" }))).toMatchObject({ name: "wanted" });
  });
});
