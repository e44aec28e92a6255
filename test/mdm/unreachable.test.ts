import fc from "fast-check";
import { retryAfterMs } from "../../mdm/unreachable.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");

describe("how long a vendor asks to be left alone", () => {
  test.each([
    ["seconds", { "retry-after": "120" }, 120_000],
    ["a date", { "retry-after": "Wed, 25 Nov 2026 12:05:00 GMT" }, 300_000],
    ["the reset of a quota, in epoch seconds", { "x-ratelimit-reset": String(NOW / 1000 + 7_200) }, 7_200_000],
    ["Retry-After before the reset", { "retry-after": "5", "x-ratelimit-reset": String(NOW / 1000 + 7_200) }, 5_000],
    ["a reset that has passed: soon", { "x-ratelimit-reset": String(NOW / 1000 - 60) }, 1_000],
    ["more than a day: a day", { "retry-after": "999999999" }, 86_400_000],
    ["nothing", {}, undefined],
    ["nothing readable", { "retry-after": "soon", "x-ratelimit-reset": "later" }, undefined],
  ])("%s", (_title, headers, wait) => expect(retryAfterMs(headers, NOW)).toBe(wait));

  test("is bounded whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (after, reset) => {
        const wait = retryAfterMs({ "retry-after": after, "x-ratelimit-reset": reset }, NOW) ?? 1_000;
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(86_400_000);
      }),
    );
  });
});
