import type { Endpoints } from "./endpoints.ts";
import type { Admin } from "./first-organization.ts";
import type { Installation } from "./installation.ts";

/** Where the simulators are; nothing without a sandbox, or when it does not start: the product runs on without it. */
export async function provideSandbox(
  { config, progress, step, opened, startSandbox }: Installation,
  { api: apiUrl, authentication, accounting }: Endpoints,
  { token, organizationId }: Admin,
): Promise<Pick<Endpoints, "simulators">> {
  if (startSandbox === undefined) return {};
  const { stateFolder } = config;
  const { say } = progress;
  const world = { apiUrl, token, organizationId, authentication, accounting, stateFolder, say };
  try {
    const sandbox = await step("sandbox", () => startSandbox(world));
    opened({ name: "sandbox", close: () => sandbox.close() });
    return { simulators: sandbox.simulators };
  } catch (error) {
    say(`The sandbox does not start: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}
