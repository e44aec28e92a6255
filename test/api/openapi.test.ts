import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTestApi } from "../support/api.ts";
import type { TestApi } from "../support/api.ts";

const FILE = join(import.meta.dirname, "../../api/openapi.json");
let api: TestApi;
beforeAll(async () => {
  api = await openTestApi({ version: "1" });
});
afterAll(() => api.close());

/** The console's types are generated from the committed file. To mend: `UPDATE_OPENAPI=1 npx jest test/api/openapi && npx oxfmt api`. */
test("api/openapi.json is what the API says of itself", async () => {
  const { payload } = await api.app.inject("/openapi.json");
  if (process.env["UPDATE_OPENAPI"] !== undefined) writeFileSync(FILE, payload);
  expect(JSON.parse(payload)).toEqual(JSON.parse(readFileSync(FILE, "utf8")));
});

test("every operation has an id of its own, a summary, a tag that is described, and schemas for success and failure", () => {
  const { paths = {}, tags = [] } = api.app.swagger() as object as {
    paths?: Record<
      string,
      Record<string, { operationId: string; summary: string; tags: string[]; responses: Record<string, unknown> }>
    >;
    tags?: { name: string }[];
  };
  const all = Object.values(paths).flatMap((item) => Object.values(item));
  expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
  for (const operation of all) {
    expect(operation.summary).toMatch(/^[A-Z]/);
    expect(tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags));
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["200", "4XX", "5XX"]));
  }
});

test("no secret is in any answer's schema", () => {
  const { components } = api.app.swagger() as { components: { schemas: Record<string, unknown> } };
  for (const [name, schema] of Object.entries(components.schemas)) {
    if (name === "Token" || name === "EventDefinition") continue; // shows a token once; its key is an event's name
    expect([name, JSON.stringify(schema)]).toEqual([
      name,
      expect.not.stringMatching(/"(client_secret|secret|password|key|tenant_code|webhook_password)":\{"type":"string"/),
    ]);
  }
});

test("the document's page is served without anything from elsewhere, and / leads to it", async () => {
  expect(await api.app.inject("/")).toMatchObject({ statusCode: 302, headers: { location: "/docs" } });
  const page = await api.app.inject("/docs");
  expect(page.statusCode).toBe(200);
  expect(page.headers["content-security-policy"]).toContain("script-src 'self'");
  expect(page.payload).not.toMatch(/(src|href)="https?:/);
});
