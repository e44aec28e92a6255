import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { LinkedAccount } from "../domain/linked-account.ts";
import type { NasProfileFacts } from "../domain/nas-profile.ts";
import type { LinkTest } from "../mdm/provider.ts";
import type { DeviceWorkflows } from "../runtime/device-workflows.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Store } from "../store/pool.ts";

/** What the API stands on. Nothing here is reached for; all of it is handed in. */
export interface ApiDependencies {
  readonly store: Store;
  readonly mdm: AccountTester;
  readonly workflows: Pick<DeviceWorkflows, "checkNow">;
  /** `undefined` when Temporal answers, else why not, as a sentence. */
  readonly temporalUnavailable: () => Promise<string | undefined>;
  readonly radius: RadiusKnowledge;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly version: string;
}

/** What the edge knows of RADIUS, so that the API refuses what no edge could send. */
export interface RadiusKnowledge {
  /** The CoA profiles that a NAS may have. */
  readonly profiles: readonly NasProfileFacts[];
  /** What is wrong with a "Name=value" text, if anything. */
  readonly attributeFault: (text: string) => string | undefined;
}

/** Tries the credentials of an account at its vendor. */
interface AccountTester {
  test(account: LinkedAccount): Promise<LinkTest>;
  /** Plain http is for MDM servers on exempted private networks only (PORTCULLIS_MDM_ALLOWED_NETWORKS). */
  readonly allowHttp: boolean;
}

/** Fastify with handlers typed by their TypeBox schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
