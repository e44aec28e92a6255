import { createProvider } from "../mdm/providers.ts";
import type { ProviderDeps } from "../mdm/provider.ts";
import { createTokenCache } from "../mdm/tokens.ts";
import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { Config } from "../runtime/config.ts";
import type { Log } from "../runtime/log.ts";
import { loadMasterKeys, requireRightKey } from "../runtime/master-keys.ts";
import { createMetrics } from "../runtime/metrics.ts";
import { createSeals } from "../runtime/secrets.ts";
import { connectTemporal } from "../runtime/temporal.ts";
import { checkCanary } from "../store/canary.ts";
import { openStore } from "../store/pool.ts";
import { buildApp } from "./app.ts";
import type { RadiusKnowledge } from "./dependencies.ts";

/** What the API's floor may not reach for itself. */
export interface ApiParts {
  /** The guarded way out, for trying credentials. */
  readonly http: ProviderDeps["http"];
  readonly radius: RadiusKnowledge;
  readonly log: Log;
  readonly version: string;
}

export interface RunningApi {
  /** `http://host:port`. */
  readonly url: string;
  /** Answers what is under way, then lets go of Temporal and of the database. */
  close(): Promise<void>;
}

/**
 * Starts the API and listens. Neither Postgres nor Temporal needs to answer yet. Throws when the port is taken, and
 * MasterKeyError when there is no usable key or it is not this database's.
 */
export async function startApi(
  config: Config & { readonly databaseUrl: Secret },
  parts: ApiParts,
): Promise<RunningApi> {
  const { log } = parts;
  const keys = await loadMasterKeys(config);
  const store = openStore({ databaseUrl: reveal(config.databaseUrl), seals: createSeals(keys), log });
  const temporal = await connectTemporal(config.temporal);
  const deps: ProviderDeps = { http: parts.http, tokens: createTokenCache(Date.now), now: Date.now };
  const app = await buildApp({
    store,
    mdm: {
      test: (account) => createProvider(account, deps).test(),
      allowHttp: config.mdm.allowedNetworks.length > 0,
    },
    workflows: temporal.workflows,
    temporalUnavailable: temporal.unavailable,
    radius: parts.radius,
    now: Date.now,
    log,
    metrics: createMetrics("api"),
    version: parts.version,
  });
  const close = async (): Promise<void> => {
    await app.close();
    await temporal.close();
    await store.close();
  };
  try {
    requireRightKey(await checkCanary(store, keys.current.kid), keys.current.kid, log);
    return { url: await app.listen({ host: config.host, port: config.ports.api }), close };
  } catch (error) {
    await close();
    throw portFailure(error, config);
  }
}

function portFailure(error: unknown, { host, ports }: Config): unknown {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return error;
  return new Error(`port ${ports.api} on ${host} is taken: set PORTCULLIS_API_PORT to a free one`, { cause: error });
}
