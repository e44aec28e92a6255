/** What jest's global setup found: a path, or why there is none. */
export type Found = { readonly path: string } | { readonly failure: string };

const CLI = "PORTCULLIS_TEST_TEMPORAL_CLI";
const TEST_SERVER = "PORTCULLIS_TEST_TEMPORAL_TEST_SERVER";

/** Path of the Temporal CLI, for `TestWorkflowEnvironment.createLocal` and for tests that start the dev server. */
export function temporalCli(): string {
  return recall(CLI);
}

/** Path of the time-skipping test server, for `TestWorkflowEnvironment.createTimeSkipping`: one environment per test file. */
export function temporalTestServer(): string {
  return recall(TEST_SERVER);
}

/** Hands the findings to jest's workers, which inherit our environment. */
export function rememberTemporal(cli: Found, testServer: Found): void {
  process.env[CLI] = JSON.stringify(cli);
  process.env[TEST_SERVER] = JSON.stringify(testServer);
}

function recall(name: string): string {
  const found = JSON.parse(process.env[name] ?? '{"failure":"run tests through jest, which looks for it"}') as Found;
  if ("failure" in found) throw new Error(found.failure);
  return found.path;
}
