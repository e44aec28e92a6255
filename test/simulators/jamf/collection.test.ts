import fc from "fast-check";
import { startJamf, type JamfSimulator } from "../../../simulators/jamf/simulator.ts";
import { type Ask, CREDENTIALS, signIn } from "../asking.ts";
import type { Page } from "./tenancy.ts";

const TOTAL = 2_101;
let jamf: JamfSimulator;
let askJamf: Ask;
const list = async (query: string): Promise<Page> => (await askJamf(`/api/v2/mobile-devices?${query}`)).json<Page>();
const ids = (page: Page): number[] => page.results.map(({ id }) => Number(id));

beforeAll(async () => {
  const devices = Array.from({ length: TOTAL }, () => ({ kind: "ipad" as const }));
  jamf = await startJamf({ ...CREDENTIALS, smartGroupName: "Compliant", devices });
  askJamf = await signIn(jamf);
});
afterAll(() => jamf.stop());

test("a page holds 100 unless asked, and at most 2000, silently", async () => {
  expect((await list("")).results).toHaveLength(100);
  const page = await list("page-size=4500");
  expect([page.results.length, page.totalCount]).toEqual([2000, TOTAL]);
  expect((await list("page-size=4500&page=1")).results).toHaveLength(TOTAL - 2000);
  expect((await list("page-size=4500&page=2")).results).toEqual([]);
});

test("pages of any size, one after the other, show every row once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 300, max: 2_500 }), async (pageSize) => {
      const seen: number[] = [];
      for (let page = 0; seen.length < TOTAL; page += 1) {
        const found = ids(await list(`page=${page}&page-size=${pageSize}&sort=id:asc`));
        if (found.length === 0) break;
        seen.push(...found);
      }
      expect(seen).toEqual(Array.from({ length: TOTAL }, (_value, index) => index + 1));
    }),
    { numRuns: 6 },
  );
});

test("rows are sorted by several fields, numbers by size, in both directions", async () => {
  expect(ids(await list("page-size=3&sort=id:desc"))).toEqual([TOTAL, TOTAL - 1, TOTAL - 2]);
  expect(ids(await list("page-size=2&sort=udid:asc,id:desc"))).toEqual([TOTAL, TOTAL - 1]);
  expect((await askJamf("/api/v2/mobile-devices?sort=colour:asc")).status).toBe(400);
});

test("an endpoint without filters ignores one", async () => {
  expect((await list("filter=nonsense")).totalCount).toBe(TOTAL);
});
