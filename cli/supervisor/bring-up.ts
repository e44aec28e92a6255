import { mkdirSync } from "node:fs";
import type { Role } from "../../runtime/config.ts";
import { providePostgres, provideTemporal } from "./embedded-parts.ts";
import { removeEndpoints, writeEndpoints } from "./endpoints.ts";
import type { Endpoints } from "./endpoints.ts";
import type { Installation } from "./installation.ts";
import { keepRunning } from "./keep-running.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { reachableAt } from "./reachable.ts";
import { roleEnvironment } from "./role-environment.ts";
import type { Surroundings } from "./role-environment.ts";
import { endFormerRole, startRole } from "./role-process.ts";
import { provideSandbox } from "./sandbox-part.ts";
import { countEdges, requireDistinctPorts, requireFreePorts } from "./wanted-ports.ts";
import { welcome } from "./welcome.ts";

/** Who hands work over comes after who takes it: they are stopped the other way round. */
const ROLES: readonly Role[] = ["worker", "relay", "api", "edge"];

/** Starts everything, step by step, each of which answers before the next begins. Rejects when one fails or `stop` aborts. */
export async function bringUp(request: Omit<Installation, "step"> & { readonly stop: AbortSignal }): Promise<void> {
  const { config, progress, stop, opened, startSandbox } = request;
  const step: Installation["step"] = async (title, work) => {
    stop.throwIfAborted();
    return progress.step(title, work);
  };
  const installation: Installation = { ...request, step };
  await step(`state in ${config.stateFolder}, ports free`, () => claim(installation));
  const databaseUrl = await providePostgres(installation);
  const admin = await prepareDatabase(installation, databaseUrl);
  const temporal = await provideTemporal(installation);
  const surroundings = {
    config,
    databaseUrl,
    temporalAddress: temporal.address,
    hasSandbox: startSandbox !== undefined,
  };
  await step(ROLES.join(", "), () => startRoles(installation, surroundings));
  const { host, ports } = config;
  const endpoints: Endpoints = {
    api: `http://${reachableAt(host, ports.api)}`,
    token: admin.token,
    organization: admin.organizationId,
    authentication: reachableAt(host, ports.authentication),
    accounting: reachableAt(host, ports.accounting),
    temporal: temporal.address,
    ...(temporal.uiUrl === undefined ? {} : { temporalUi: temporal.uiUrl }),
    database: databaseUrl,
  };
  for (const line of welcome(endpoints, config.stateFolder)) progress.say(line);
  const simulated = await provideSandbox(installation, endpoints, admin);
  stop.throwIfAborted();
  opened({ name: "endpoints.json", close: async () => removeEndpoints(config.stateFolder) });
  writeEndpoints(config.stateFolder, { ...endpoints, ...simulated });
  progress.say("Everything runs. Ctrl-C stops it.");
}

/** All at once, since none waits for another. Rejects with the first failure, once every start is through. */
async function startRoles({ env, config, progress, opened }: Installation, around: Surroundings): Promise<void> {
  const starts = await Promise.allSettled(
    ROLES.map(async (role) => {
      const start = () => startRole(role, config.stateFolder, roleEnvironment(env, role, around), progress.say);
      const kept = await keepRunning({ name: role, start, say: progress.say });
      return { name: role, close: kept.stop, kill: kept.kill };
    }),
  );
  for (const started of starts) if (started.status === "fulfilled") opened(started.value);
  const failed = starts.find((started) => started.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Makes the state folder ours and sees that what will listen can. What a killed run left behind is ended first. */
async function claim({ config, progress }: Installation): Promise<void> {
  const { stateFolder } = config;
  const edges = await countEdges(config);
  requireDistinctPorts(config, edges);
  // Others may pass through, and see nothing: as root, Postgres runs under another account.
  mkdirSync(stateFolder, { recursive: true, mode: 0o711 });
  for (const role of ROLES) await endFormerRole(stateFolder, role, progress.say);
  removeEndpoints(stateFolder);
  await requireFreePorts(config, edges);
}
