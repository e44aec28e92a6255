import { loadConfig } from "../../runtime/config.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { TemporalLink } from "../../runtime/temporal.ts";
import { startNas } from "../../simulators/fleet/nas.ts";
import type { Nas, NasEvent } from "../../simulators/fleet/nas.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { link, SECRET } from "../activities/bench.ts";
import { createDatabase } from "../support/postgres.ts";
import { NAS_ADDRESS, NAS_IDENTIFIER, NAS_SECRET, openInstallation } from "./installation.ts";
import type { Installation } from "./installation.ts";
import { openTemporal } from "./servers.ts";
import type { MortalServer } from "./servers.ts";

/** A whole installation with a switch before it, and all that it depends on, ready to be taken away. */
export interface Scene {
  readonly installation: Installation;
  readonly temporal: TemporalLink;
  readonly temporalServer: MortalServer;
  /** Linked; nobody is enrolled yet. Another after `restartUem`. */
  readonly uem: () => WorkspaceOneSimulator;
  /** It comes back at its address as another process, with the same devices. */
  restartUem(): Promise<void>;
  readonly nas: Nas;
  /** What the switch was asked for. */
  readonly happened: readonly NasEvent[];
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    const database = await createDatabase();
    opened.push(() => database.drop());
    const temporalServer = await openTemporal();
    opened.push(() => temporalServer.close());
    let uem = await startUem();
    opened.push(() => uem.stop());
    const installation = await openInstallation(database.url);
    opened.push(() => installation.close());
    const { store, organizationId, edge } = installation;
    const happened: NasEvent[] = [];
    const nas = await startNas({
      address: NAS_ADDRESS,
      nasIdentifier: NAS_IDENTIFIER,
      secret: NAS_SECRET,
      authentication: edge.authentication,
      accounting: edge.accounting,
      onEvent: (event) => void happened.push(event),
    });
    opened.push(() => nas.close());
    await installation.registerNas(nas.coaPort);
    await link(store, organizationId, "vmware", uem);
    await installation.startWorkers(temporalServer.address);
    const temporal = await connectTemporal(loadConfig({ TEMPORAL_ADDRESS: temporalServer.address }).temporal);
    opened.push(() => temporal.close());
    const restartUem = async (): Promise<void> => {
      const { all } = uem.tenant.devices;
      uem = await startUem(Number(new URL(uem.url).port));
      for (const { id: _, ...device } of all) uem.tenant.devices.add(device);
    };
    return { installation, temporal, temporalServer, uem: () => uem, restartUem, nas, happened, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startUem(port = 0): Promise<WorkspaceOneSimulator> {
  return startWorkspaceOne({ clientId: "portcullis", clientSecret: SECRET, port });
}
