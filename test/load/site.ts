import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority } from "../../simulators/certificates.ts";
import type { NasIdentity } from "../../simulators/fleet/session.ts";
import { createNas } from "../../store/nases.ts";
import { openStore } from "../../store/pool.ts";
import { newTenant } from "../activities/bench.ts";
import { configure } from "../outage/installation.ts";
import { until } from "../outage/outage.ts";
import { freePort, freeUdpPort, startKillableEdge } from "../support/killable-edge.ts";
import type { KillableEdge } from "../support/killable-edge.ts";
import type { TestStore } from "../support/store.ts";

export const SWITCH_SECRET = secret("what all switches of the site share with the edge");

/** An organization with many switches; compliant devices go to VLAN 20, all others to 666. */
export interface Site {
  readonly store: TestStore;
  readonly organizationId: OrganizationId;
  /** Whom the organization trusts, and who vouches for the edge. */
  readonly authority: Authority;
  readonly switches: readonly NasIdentity[];
  readonly keys: MasterKeys;
  /** Starts the edge in a process of its own: each life at the same addresses, with what the last one left on the disk. */
  startEdge(): Promise<KillableEdge>;
  /** Whether a second life of the edge would find all that the first one had read from Postgres. */
  isOnDisk(): Promise<boolean>;
  close(): Promise<void>;
}

/** `settings`: of the edge, besides or instead of those that the site gives. */
export async function openSite(options: {
  readonly databaseUrl: string;
  readonly switches: number;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<Site> {
  const { databaseUrl } = options;
  const folder = await mkdtemp(join(tmpdir(), "portcullis-site-"));
  const masterKeys = `test:${randomBytes(32).toString("base64")}`;
  const keys = parseMasterKeys(masterKeys, "a test");
  const store = { ...openStore({ databaseUrl, seals: createSeals(keys) }), databaseUrl };
  const organizationId = await newTenant(store);
  const authority = await createAuthority("Site CA");
  await configure(store, organizationId, authority);
  const switches = Array.from({ length: options.switches }, (_, i) => ({
    address: `127.0.3.${i + 1}`,
    nasIdentifier: `switch-${i + 1}`,
  }));
  for (const nas of switches) await register(store, organizationId, nas);
  const environment = {
    DATABASE_URL: databaseUrl,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: masterKeys,
    PORTCULLIS_AUTH_PORT: String(await freeUdpPort()),
    PORTCULLIS_ACCT_PORT: String(await freeUdpPort()),
    PORTCULLIS_INTERNAL_PORT: String(await freePort()),
    ...options.settings,
  };
  return {
    store,
    organizationId,
    authority,
    switches,
    keys,
    startEdge: () => startKillableEdge(environment),
    isOnDisk: async () => (await readdir(folder, { recursive: true })).some((name) => name.endsWith(".snapshot")),
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function register(store: TestStore, organizationId: OrganizationId, nas: NasIdentity): Promise<void> {
  const draft = { name: nas.nasIdentifier, secret: SWITCH_SECRET, profile: "cisco", coaPort: undefined };
  const saved = await createNas(store, organizationId, { ...draft, ...nas });
  if (saved.kind !== "ok") throw new Error(saved.kind);
}

/** The sum of a gauge or counter of the edge over its labels, or over those lines of it that have `label`. */
export async function readMetric(edge: KillableEdge, name: string, label = ""): Promise<number> {
  const lines = (await readSamples(edge, name)).filter((line) => line.includes(label));
  if (lines.length === 0) throw new Error(`the edge measures no ${name}`);
  return lines.reduce((sum, line) => sum + valueOf(line), 0);
}

/** What the edge has dropped since its start, for people: how many requests for which reason. */
export async function describeDrops(edge: KillableEdge): Promise<string> {
  const lines = await readSamples(edge, "portcullis_radius_drops_total");
  const drops = lines.filter((line) => valueOf(line) > 0);
  return drops.map((line) => `${valueOf(line)} ${/reason="([^"]+)"/.exec(line)?.[1]}`).join(", ") || "none";
}

/** Its lines in Prometheus' text format: name, labels in braces, value. */
async function readSamples({ internal }: KillableEdge, name: string): Promise<readonly string[]> {
  const text = await (await fetch(`http://${internal}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)));
}

const valueOf = (sample: string): number => Number(sample.slice(sample.lastIndexOf(" ")));

/** Everything that the edge has answered is in Postgres. */
export async function untilDelivered(edge: KillableEdge): Promise<void> {
  const journaled = (): Promise<number> => readMetric(edge, "portcullis_journal_records");
  for (let left = await journaled(); left > 0; left = await journaled()) {
    await until(`fewer than ${left} events are in the journal`, async () => (await journaled()) < left);
  }
}
