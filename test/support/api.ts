import type { FastifyInstance } from "fastify";
import { buildApp } from "../../api/app.ts";
import type { ApiDependencies } from "../../api/dependencies.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { reveal } from "../../domain/secret.ts";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import type { Store } from "../../store/pool.ts";
import { createToken } from "../../store/tokens.ts";
import { newOrganization, openTestStore } from "./store.ts";
import type { TestStore } from "./store.ts";

/** One organization's view of the API. */
export interface Tenant {
  readonly organizationId: OrganizationId;
  readonly token: string;
  /** Asks under `/api/v1/orgs/<organization>/`, or from the root where the path begins with a slash. */
  ask(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly json: any;
}

export interface TestApi {
  readonly app: FastifyInstance;
  readonly store: TestStore;
  /** Everything that the API has logged. */
  readonly logged: readonly string[];
  tenant(name?: string): Promise<Tenant>;
  close(): Promise<void>;
}

/** The API on a database of the test's own. Temporal is a port on which nothing listens, unless the test brings one. */
export async function openTestApi(parts: Partial<ApiDependencies> = {}): Promise<TestApi> {
  const store = await openTestStore();
  const logged: string[] = [];
  const temporal = await connectTemporal(loadConfig({ TEMPORAL_ADDRESS: "127.0.0.1:1" }).temporal);
  const app = await buildApp({
    store,
    mdm: { test: () => Promise.reject(new Error("this test links nothing")), allowHttp: false },
    workflows: temporal.workflows,
    temporalUnavailable: temporal.unavailable,
    radius: {
      profiles: loadNasProfiles().all,
      attributeFault: (text) => (/^[\w-]+=.+/.test(text) ? undefined : `"${text}" is not Name=value`),
    },
    now: Date.now,
    log: createLog("api", "trace", { write: (line) => void logged.push(line) }),
    metrics: createMetrics("api"),
    version: "0.0.0-test",
    ...parts,
  });
  await app.ready();
  return {
    app,
    store,
    logged,
    tenant: (name) => openTenant(app, store, name),
    close: async () => {
      await app.close();
      await temporal.close();
      await store.close();
    },
  };
}

async function openTenant(app: FastifyInstance, store: Store, name = "Acme"): Promise<Tenant> {
  const organizationId = await newOrganization(store, name);
  const created = await createToken(store, { organizationId, name: "test", createdBy: "Ada" });
  const token = reveal(created.token);
  return {
    organizationId,
    token,
    ask: async (method, path, body) => {
      const url = path.startsWith("/") ? path : `/api/v1/orgs/${organizationId}/${path}`;
      const raw = typeof body === "string" ? { payload: body, contentType: "application/json" } : { payload: body };
      const response = await app.inject({
        method,
        url,
        headers: {
          authorization: `Token ${token}`,
          ...("contentType" in raw ? { "content-type": raw.contentType } : {}),
        },
        ...(body === undefined ? {} : { payload: raw.payload as object }),
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        json: jsonOf(response.body),
      };
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
