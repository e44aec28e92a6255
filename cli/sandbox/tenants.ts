import { startJamf, type JamfSimulator } from "../../simulators/jamf/simulator.ts";
import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { FLEET, NEWCOMER } from "./cast.ts";
import { CLIENT_ID, SMART_GROUP } from "./configure.ts";
import type { Keepsakes } from "./keepsakes.ts";

export interface Tenants {
  readonly vmware: WorkspaceOneSimulator;
  readonly jamf: JamfSimulator;
}

/** Both simulated tenants with their devices, where they were before if those ports are free. */
export async function startTenants({ mdmSecret: clientSecret, ports }: Keepsakes): Promise<Tenants> {
  const devicesOf = (kind: "vmware" | "jamf") =>
    FLEET.flatMap(({ mdm, device }) => (mdm === kind && device ? [device] : []));
  const credentials = { clientId: CLIENT_ID, clientSecret };
  const vmware = await onPort(ports.vmware, (port) =>
    startWorkspaceOne({ ...credentials, port, devices: [...devicesOf("vmware"), NEWCOMER.device] }),
  );
  const jamf = await onPort(ports.jamf, (port) =>
    startJamf({ ...credentials, port, smartGroupName: SMART_GROUP, devices: devicesOf("jamf") }),
  );
  return { vmware, jamf };
}

async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return start(0);
  }
}

export function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port);
}
