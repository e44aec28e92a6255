import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { RadsecRegistration } from "../../domain/nas.ts";
import { secret } from "../../domain/secret.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { EdgeParts, RunningEdge } from "../../radius-edge/main.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { createLabel, listLabels } from "../../store/labels.ts";
import type { LabelDraft } from "../../store/labels.ts";
import { createNas } from "../../store/nases.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import { createRule } from "../../store/rules.ts";
import { writeSetting } from "../../store/settings.ts";
import type { Site } from "../radius-edge/eap/bench.ts";
import { createDatabase } from "./postgres.ts";
import { newOrganization } from "./store.ts";

export const NAS_SECRET = secret("the-nas-of-a-test");

/** A real edge: its own database, ephemeral sockets, nothing replaced. `close` it in `afterAll`. */
export interface TestEdge {
  readonly edge: RunningEdge;
  readonly store: Store;
  readonly keys: MasterKeys;
  close(): Promise<void>;
}

/**
 * Starts an edge that knows from its first moment what `prepare` has stored. `settings` are further ones of its own, and
 * `parts` what it is made of: it runs EAP in its own thread and logs nothing, unless told otherwise.
 */
export async function startTestEdge(
  prepare: (store: Store) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
  parts: Partial<EdgeParts> = {},
): Promise<TestEdge> {
  const database = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), "portcullis-edge-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  const keys = parseMasterKeys(masterKeys, "test");
  const store = openStore({ databaseUrl: database.url, seals: createSeals(keys) });
  await prepare(store);
  const own = { DATABASE_URL: database.url, PORTCULLIS_STATE_DIR: folder, PORTCULLIS_MASTER_KEYS: masterKeys };
  const config = loadConfig({ ...settings, ...own }, "edge");
  const ports = { ...config.ports, authentication: 0, accounting: 0, radsec: 0, internal: 0 };
  const edge = await startEdge(
    { ...config, ports },
    { log: createLog("edge", "silent"), metrics: createMetrics("edge"), ...parts },
  );
  const close = async (): Promise<void> => {
    await edge.close();
    await store.close();
    await database.drop();
    await rm(folder, { recursive: true });
  };
  return { edge, store, keys, close };
}

/** What one organization of a test consists of. */
export interface Tenant {
  readonly name: string;
  /** Vouches for its clients and for its own server; without one there is no EAP. */
  readonly site?: Site;
  /** Where its NAS sends from. */
  readonly nasAddress: string;
  readonly coaPort?: number;
  /** How its NAS takes CoA; one that can be told to re-authenticate a client by default. */
  readonly profile?: string;
  readonly coaThroughProxy?: true;
  readonly radsec?: RadsecRegistration;
  readonly eapMd5?: true;
  /** First to last: the verdict label that a rule asks for, if any, and what the rule gives. */
  readonly rules: readonly { readonly verdict?: "Compliant" | "Unknown"; readonly gives: readonly LabelDraft[] }[];
}

export async function createTenant(store: Store, tenant: Tenant): Promise<OrganizationId> {
  const organizationId = await newOrganization(store, tenant.name);
  const { site } = tenant;
  if (site !== undefined) {
    await writeSetting(store, organizationId, {
      setting: {
        mist_nac: { cacerts: [site.authority.certificatePem], server_cert: { cert: site.server.certificatePem } },
      },
      serverKey: secret(site.server.keyPem),
    });
  }
  await createNas(store, organizationId, {
    name: `${tenant.name} switch`,
    address: tenant.nasAddress,
    secret: NAS_SECRET,
    profile: tenant.profile ?? "cisco",
    coaPort: tenant.coaPort ?? 3799,
    coaThroughProxy: tenant.coaThroughProxy,
    radsec: tenant.radsec,
    eapMd5: tenant.eapMd5,
  });
  const given = await listLabels(store, organizationId);
  for (const [order, { verdict, gives }] of tenant.rules.entries()) {
    const asked = given.filter(({ label }) => label.name === verdict).map(({ label }) => label.id);
    const applyLabels = await Promise.all(
      gives.map(async (draft) => {
        const saved = await createLabel(store, organizationId, draft);
        if (saved.kind !== "ok") throw new Error(saved.kind);
        return saved.label.id;
      }),
    );
    await createRule(store, organizationId, {
      name: `rule ${order}`,
      order,
      enabled: true,
      action: "allow",
      matching: { labels: asked, fields: {} },
      notMatching: { labels: [], fields: {} },
      applyLabels,
    });
  }
  return organizationId;
}
