import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi } from "../../api/main.ts";
import { startTemporal } from "../../cli/embedded/temporal.ts";
import { connectApi } from "../../cli/sandbox/api.ts";
import type { Api } from "../../cli/sandbox/api.ts";
import { CLIENT_ID, configureEdges, configurePolicy, linkSimulator, SMART_GROUP } from "../../cli/sandbox/configure.ts";
import { reveal } from "../../domain/secret.ts";
import { createHttp } from "../../outbound/http.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";
import { loadConfig } from "../../runtime/config.ts";
import type { Role } from "../../runtime/config.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import { createLog } from "../../runtime/log.ts";
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
  /** Every line that a role has logged. */
  readonly logged: readonly string[];
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts the product with the sandbox's policy: compliant devices to `VLANS.corporate`, all others to `VLANS.quarantine`
 * (cli/sandbox/cast.ts). It has no NAS yet. `change` may put something between the roles and what they stand on.
 */
export async function startProduct(
  change: (environment: Environment) => Environment | Promise<Environment> = (environment) => environment,
): Promise<Product> {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await start(opened, change)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Leaves in `opened` what ends each part, in the order of their start. */
async function start(
  opened: (() => unknown)[],
  change: (environment: Environment) => Environment | Promise<Environment>,
): Promise<Omit<Product, "close">> {
  const ground = await startGround(opened);
  const environment = await change(ground.environment);
  const logged: string[] = [];
  const configOf = (role: Role) => {
    const config = loadConfig(environment, role);
    return { ...config, ports: { ...config.ports, api: 0, authentication: 0, accounting: 0, internal: 0 } };
  };
  const logOf = (role: Role) => createLog(role, "info", { write: (line) => void logged.push(line) });
  const wayOut = () => createHttp({ allowedNetworks: loadConfig(environment).mdm.allowedNetworks, guard: true });

  const edge = await startEdge(configOf("edge"), { log: logOf("edge"), metrics: createMetrics("edge") });
  opened.push(() => edge.close());
  const edgeHttp = createHttp({ allowedNetworks: [], guard: false });
  const worker = { http: wayOut(), edgeHttp, log: logOf("worker") };
  keepSteps(opened, await startComplianceWorker(configOf("worker"), worker));
  keepSteps(opened, await startRelay(configOf("relay"), logOf("relay")));
  const http = wayOut();
  const radius = { profiles: loadNasProfiles().all, attributeFault: () => undefined };
  const running = await startApi(configOf("api"), { http, radius, log: logOf("api"), version: "0.0.0-test" });
  opened.push(
    () => http.close(),
    () => running.close(),
  );
  const api = connectApi({ apiUrl: running.url, ...(await firstOrganization(environment)) });
  return { api, edge, environment, logged, ...(await configure(api, opened)) };
}

function keepSteps(opened: (() => unknown)[], steps: readonly CloseStep[]): void {
  opened.push(async () => {
    for (const step of steps) await step.close();
  });
}

/** Postgres, Temporal, and a folder for what the roles keep. */
async function startGround(opened: (() => unknown)[]): Promise<{ readonly environment: Environment }> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-product-"));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const database = await createDatabase();
  opened.push(() => database.drop());
  const temporal = await startTemporal({ stateFolder: folder, executable: temporalCli(), log: () => undefined });
  opened.push(() => temporal.stop());
  return {
    environment: {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      PORTCULLIS_STATE_DIR: folder,
      PORTCULLIS_MASTER_KEYS: `test:${randomBytes(32).toString("base64")}`,
      PORTCULLIS_MDM_ALLOWED_NETWORKS: "127.0.0.0/8",
    },
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
