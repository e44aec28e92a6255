import { MINUTE_MS } from "../../domain/time.ts";
import type { StartSandbox } from "../supervisor/sandbox.ts";
import { connectApi, type Api } from "./api.ts";
import { FLEET } from "./cast.ts";
import { configureEdges, configurePolicy, linkSimulator, registerNas } from "./configure.ts";
import { NAS_IDENTIFIER, startFleet, type Fleet } from "./fleet.ts";
import { loadKeepsakes, sandboxFolder, saveKeepsakes, type Keepsakes } from "./keepsakes.ts";
import { prepareNewcomer } from "./newcomer.ts";
import { tellStory, type Stage } from "./story.ts";
import { portOf, startTenants, type Tenants } from "./tenants.ts";

/** Now and then a client roams, or wakes up. */
const RESTLESS_MS = 3 * MINUTE_MS;

/**
 * A simulated Workspace ONE and Jamf Pro tenant and a small fleet, joined to the product through its own API. A second
 * start finds what the first has made. Rejects, with everything it started stopped again, when something is missing.
 */
export const startSandbox: StartSandbox = async (world) => {
  const folder = sandboxFolder(world.stateFolder);
  const keepsakes = await loadKeepsakes(folder);
  const api = connectApi(world);
  const tenants = await startTenants(keepsakes);
  const started: { close(): Promise<void> }[] = [{ close: () => stopTenants(tenants) }];
  const stop = new AbortController();
  const close = async (): Promise<void> => {
    stop.abort();
    for (const part of started.toReversed()) await part.close();
  };
  try {
    saveKeepsakes(folder, { ...keepsakes, ports: { vmware: portOf(tenants.vmware), jamf: portOf(tenants.jamf) } });
    const fleet = await startFleet(keepsakes, world);
    started.push({ close: () => fleet.nas.close() });
    await configure(api, keepsakes, tenants, fleet);
    const command = prepareNewcomer(folder, keepsakes, world.authentication);
    const say = (line: string): void => world.say(line);
    void live({ api, tenants, fleet, stop: stop.signal, say }, command);
  } catch (error) {
    await close();
    throw error;
  }
  return { simulators: { vmware: shown(tenants.vmware), jamf: shown(tenants.jamf) }, close };
};

async function configure(api: Api, keepsakes: Keepsakes, tenants: Tenants, fleet: Fleet): Promise<void> {
  const { mdmSecret, fleetSecret, newcomerSecret } = keepsakes;
  await registerNas(api, {
    name: "Sandbox switch",
    address: fleet.address,
    secret: fleetSecret,
    profile: "cisco",
    nas_identifier: NAS_IDENTIFIER,
    coa_port: fleet.nas.coaPort,
  });
  await configureEdges(api, keepsakes);
  await linkSimulator(api, "vmware", tenants.vmware.url, tenants.vmware.tokenUrl, mdmSecret);
  await linkSimulator(api, "jamf", tenants.jamf.url, tenants.jamf.tokenUrl, mdmSecret);
  await configurePolicy(api);
  await registerNas(api, { name: "Newcomer", address: "127.0.0.1", secret: newcomerSecret, profile: "no-coa" });
}

/** The story, the newcomer's turn, then everyday life until `stop`. */
async function live(stage: Stage, command: string): Promise<void> {
  const { fleet, stop, say } = stage;
  try {
    await tellStory(stage);
  } catch (error) {
    if (!stop.aborted) say(`  The story breaks off: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (stop.aborted) return;
  say("Now you: a client of your own, known to Workspace ONE. Run it twice: VLAN 99 at first, then VLAN 20.");
  say(`  ${command}`);
  const restless = setInterval(() => {
    const character = FLEET[Math.floor(Math.random() * FLEET.length)]!;
    void fleet.nas.connect(fleet.clientOf(character), "restless");
  }, RESTLESS_MS).unref();
  stop.addEventListener("abort", () => clearInterval(restless));
}

async function stopTenants({ vmware, jamf }: Tenants): Promise<void> {
  await Promise.all([vmware.stop(), jamf.stop()]);
}

/** What stands of a simulator in endpoints.json. */
function shown({ url }: { readonly url: string }): { readonly url: string; readonly control: string } {
  return { url, control: `${url}/__control` };
}
