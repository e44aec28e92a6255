import { openTestApi } from "../support/api.ts";
import type { TestApi } from "../support/api.ts";

/**
 * Every operation of the OpenAPI document is asked without a token, with a wrong one and with another organization's.
 * Whoever adds a route outside of /api/v1's hook finds it here. To mend: register it in `NOUNS` of api/app.ts.
 */
let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
}

function operations(): readonly Operation[] {
  const { paths = {} } = api.app.swagger();
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item ?? {}).map((method) => ({ path, method: method.toUpperCase() as Operation["method"] })),
  );
}

function ask({ method, path }: Operation, organization: string, authorization?: string) {
  const url = path.replace("{org_id}", organization).replaceAll(/\{\w+\}/g, "a4b1c1000001");
  const body = method === "POST" || method === "PUT" ? { payload: {} } : {};
  return api.app.inject({ method, url, ...body, headers: authorization === undefined ? {} : { authorization } });
}

test("no operation answers without a token or with a wrong one", async () => {
  const { organizationId } = await api.tenant();
  expect(operations().length).toBeGreaterThan(35);
  for (const operation of operations()) {
    const answers = [
      await ask(operation, organizationId),
      await ask(operation, organizationId, "Token portcullis_wrong"),
    ];
    expect([operation, answers.map(({ statusCode }) => statusCode)]).toEqual([operation, [401, 401]]);
  }
});

test("no operation answers with another organization's token", async () => {
  const acme = await api.tenant();
  const other = await api.tenant("Other");
  const bound = operations().filter(({ path }) => path.includes("{org_id}"));
  const free = operations().filter(({ path }) => !path.includes("{org_id}"));
  const shared = ["/api/v1/const/nac_events", "/api/v1/const/nas_profiles", "/api/v1/self"];
  expect(free.map(({ path }) => path).toSorted()).toEqual(shared);
  for (const operation of bound) {
    const { statusCode } = await ask(operation, acme.organizationId, `Token ${other.token}`);
    expect([operation, statusCode]).toEqual([operation, 403]);
  }
});
