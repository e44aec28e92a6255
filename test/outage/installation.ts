import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { createHttp } from "../../outbound/http.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority } from "../../simulators/certificates.ts";
import { createNas } from "../../store/nases.ts";
import { openStore } from "../../store/pool.ts";
import { writeSetting } from "../../store/settings.ts";
import { startComplianceWorker } from "../../workers/compliance.ts";
import { startRelay } from "../../workers/relay.ts";
import { newTenant } from "../activities/bench.ts";
import type { TestStore } from "../support/store.ts";

export const NAS_ADDRESS = "127.0.0.1";
export const NAS_IDENTIFIER = "outage-switch";
export const NAS_SECRET = secret("what the switch and the edge share");

/** An edge with its organization, as production starts it: compliant devices go to VLAN 20, all others to 666. */
export interface Installation {
  readonly store: TestStore;
  readonly organizationId: OrganizationId;
  /** Whom the organization trusts, and who vouches for the edge. */
  readonly authority: Authority;
  readonly edge: RunningEdge;
  readonly keys: MasterKeys;
  /** Where CoAs go; absent: where switches of its kind listen. */
  registerNas(coaPort?: number): Promise<void>;
  /** Starts relay and compliance worker; `close` ends them. */
  startWorkers(temporalAddress: string): Promise<void>;
  close(): Promise<void>;
}

export async function openInstallation(databaseUrl: string): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-outage-edge-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  const keys = parseMasterKeys(masterKeys, "a test");
  const store = { ...openStore({ databaseUrl, seals: createSeals(keys) }), databaseUrl };
  const organizationId = await newTenant(store);
  const authority = await createAuthority("Outage CA");
  await configure(store, organizationId, authority);
  const environment = {
    DATABASE_URL: databaseUrl,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: masterKeys,
  };
  const config = loadConfig(environment, "edge");
  const ports = { ...config.ports, authentication: 0, accounting: 0, internal: 0 };
  const parts = { log: createLog("edge", "silent"), metrics: createMetrics("edge") };
  const edge = await startEdge({ ...config, ports }, parts);
  const opened: { close(): Promise<void> }[] = [edge];
  return {
    store,
    organizationId,
    authority,
    edge,
    keys,
    registerNas: (coaPort) => registerNas(store, organizationId, coaPort),
    startWorkers: async (temporalAddress) => {
      opened.push(...(await startWorkers({ ...environment, TEMPORAL_ADDRESS: temporalAddress })));
    },
    close: async () => {
      for (const part of opened.toReversed()) await part.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** EAP-TLS with certificates of `authority`, and trust in MAC addresses: both kinds of client have verdicts. */
export async function configure(store: TestStore, organizationId: OrganizationId, authority: Authority): Promise<void> {
  const server = await authority.issue({ commonName: "radius.outage.example", eku: "server" });
  const server_cert = { cert: server.certificatePem };
  const mdm = { trust_mac_authentication: true };
  await writeSetting(store, organizationId, {
    setting: { mist_nac: { cacerts: [authority.certificatePem], server_cert, mdm } },
    serverKey: secret(server.keyPem),
  });
}

async function registerNas(
  store: TestStore,
  organizationId: OrganizationId,
  coaPort: number | undefined,
): Promise<void> {
  const saved = await createNas(store, organizationId, {
    name: "switch",
    address: NAS_ADDRESS,
    nasIdentifier: NAS_IDENTIFIER,
    secret: NAS_SECRET,
    profile: "cisco",
    coaPort,
  });
  if (saved.kind !== "ok") throw new Error(saved.kind);
}

/** In the order in which they start; they close the other way round, each by its own steps. */
async function startWorkers(environment: Record<string, string>): Promise<readonly { close(): Promise<void> }[]> {
  const log = createLog("worker", "silent");
  const http = createHttp({ allowedNetworks: ["127.0.0.0/8"], guard: true });
  const edgeHttp = createHttp({ allowedNetworks: [], guard: false });
  const worker = await startComplianceWorker(loadConfig(environment, "worker"), { http, edgeHttp, log });
  const relay = await startRelay(loadConfig(environment, "relay"), log);
  return [worker, relay].map((steps) => ({
    close: async () => {
      for (const step of steps) await step.close();
    },
  }));
}
