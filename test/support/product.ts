import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi } from "../../api/main.ts";
import { startTemporal } from "../../cli/embedded/temporal.ts";
import { openWayToEdges, openWayToMdms } from "../../cli/roles/way-out.ts";
import { connectApi } from "../../cli/sandbox/api.ts";
import type { Api } from "../../cli/sandbox/api.ts";
import { CLIENT_ID, configureEdges, configurePolicy, linkSimulator, SMART_GROUP } from "../../cli/sandbox/configure.ts";
import { reveal } from "../../domain/secret.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";
import { loadConfig } from "../../runtime/config.ts";
import type { Role } from "../../runtime/config.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import { createLog } from "../../runtime/log.ts";
import type { Log } from "../../runtime/log.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority } from "../../simulators/certificates.ts";
import { startJamf } from "../../simulators/jamf/simulator.ts";
import type { JamfSimulator } from "../../simulators/jamf/simulator.ts";
import { startWorkspaceOne } from "../../simulators/workspace-one/simulator.ts";
import type { WorkspaceOneSimulator } from "../../simulators/workspace-one/simulator.ts";
import { openStore } from "../../store/pool.ts";
import { createToken } from "../../store/tokens.ts";
import { startComplianceWorker } from "../../workers/compliance.ts";
import { startRelay } from "../../workers/relay.ts";
import { createDatabase } from "./postgres.ts";
import { newOrganization } from "./store.ts";
import { temporalCli } from "./temporal.ts";

/** All roles in this process on real Postgres and Temporal, and two simulated MDM tenants linked through our own API. */
export interface Product {
  /** Of its one organization. */
  readonly api: Api;
  readonly edge: RunningEdge;
  readonly vmware: WorkspaceOneSimulator;
  readonly jamf: JamfSimulator;
  /** Has signed the edge's certificate, and is the one that the organization trusts for its clients'. */
  readonly authority: Authority;
  /** What every role was started with. */
  readonly environment: Environment;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts the product with the sandbox's policy: compliant devices to `VLANS.corporate`, all others to `VLANS.quarantine`
 * (cli/sandbox/cast.ts). It has no NAS yet.
 */
export async function startProduct(): Promise<Product> {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await start(opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Leaves in `opened` what ends each part, in the order of their start. */
async function start(opened: (() => unknown)[]): Promise<Omit<Product, "close">> {
  const environment = await startGround(opened);
  const log = createLog("test", "silent");
  const configOf = (role: Role) => {
    const config = loadConfig(environment, role);
    return { ...config, ports: { ...config.ports, api: 0, authentication: 0, accounting: 0, internal: 0 } };
  };
  const edge = await startEdge(configOf("edge"), { log, metrics: createMetrics("edge") });
  opened.push(() => edge.close());
  const config = configOf("worker");
  const [http, edgeHttp] = await Promise.all([openWayToMdms(config), openWayToEdges(config)]);
  keepSteps(opened, await startComplianceWorker(config, { http, edgeHttp, log }));
  keepSteps(opened, await startRelay(configOf("relay"), log));
  const running = await startTestApi(configOf("api"), log, opened);
  const api = connectApi({ apiUrl: running.url, ...(await firstOrganization(environment)) });
  return { api, edge, environment, ...(await configure(api, opened)) };
}

async function startTestApi(config: Parameters<typeof startApi>[0], log: Log, opened: (() => unknown)[]) {
  const http = await openWayToMdms(config);
  opened.push(() => http.close());
  const radius = { profiles: loadNasProfiles().all, attributeFault: () => undefined };
  const running = await startApi(config, { http, radius, log, version: "0.0.0-test" });
  opened.push(() => running.close());
  return running;
}

function keepSteps(opened: (() => unknown)[], steps: readonly CloseStep[]): void {
  opened.push(async () => {
    for (const step of steps) await step.close();
  });
}

/** Postgres, Temporal, and a folder for what the roles keep. */
async function startGround(opened: (() => unknown)[]): Promise<Environment> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-product-"));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const database = await createDatabase();
  opened.push(() => database.drop());
  const temporal = await startTemporal({ stateFolder: folder, executable: temporalCli(), log: () => undefined });
  opened.push(() => temporal.stop());
  return {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: `test:${randomBytes(32).toString("base64")}`,
    PORTCULLIS_MDM_ALLOWED_NETWORKS: "127.0.0.0/8",
  };
}

/** As `portcullis organization create` and `portcullis token create` make them. */
async function firstOrganization(
  environment: Environment,
): Promise<{ readonly organizationId: string; readonly token: string }> {
  const keys = parseMasterKeys(environment["PORTCULLIS_MASTER_KEYS"]!, "the test");
  const store = openStore({ databaseUrl: environment["DATABASE_URL"]!, seals: createSeals(keys) });
  try {
    const organizationId = await newOrganization(store);
    const { token } = await createToken(store, { organizationId, name: "test", createdBy: "a test" });
    return { organizationId, token: reveal(token) };
  } finally {
    await store.close();
  }
}

async function configure(api: Api, opened: (() => unknown)[]): Promise<Pick<Product, "vmware" | "jamf" | "authority">> {
  const clientSecret = randomBytes(18).toString("hex");
  const vmware = await startWorkspaceOne({ clientId: CLIENT_ID, clientSecret });
  opened.push(() => vmware.stop());
  const jamf = await startJamf({ clientId: CLIENT_ID, clientSecret, smartGroupName: SMART_GROUP });
  opened.push(() => jamf.stop());
  const authority = await createAuthority("Acme Device CA");
  const server = await authority.issue({ commonName: "radius.acme.example", eku: "server" });
  await configureEdges(api, { caPem: authority.certificatePem, server });
  await linkSimulator(api, "vmware", vmware.url, vmware.tokenUrl, clientSecret);
  await linkSimulator(api, "jamf", jamf.url, jamf.tokenUrl, clientSecret);
  await configurePolicy(api);
  return { vmware, jamf, authority };
}
