import type { Connection } from "@temporalio/client";
import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import type { Config } from "../runtime/config.ts";
import type { CloseStep } from "../runtime/lifecycle.ts";
import type { Log } from "../runtime/log.ts";
import { loadMasterKeys } from "../runtime/master-keys.ts";
import type { Readiness } from "../runtime/readiness.ts";
import { connectTemporal } from "../runtime/temporal.ts";
import type { TemporalLink } from "../runtime/temporal.ts";
import { pingDatabase } from "../store/availability.ts";
import { listenOutbox } from "../store/outbox.ts";
import { createRetention, ensurePartitions } from "../store/partitions.ts";
import type { Retention } from "../store/partitions.ts";
import type { Store } from "../store/pool.ts";
import { ensureCrlSchedule } from "./crl-schedule.ts";
import { createPace } from "./pace.ts";
import { openRoleStore } from "./role-store.ts";
import { startRounds } from "./rounds.ts";
import { ensureSearchAttributes, reviveWorkflows } from "./temporal-upkeep.ts";
import { startWishLoop } from "./wish-loop.ts";

/** First look-ups a second: 60 % of what an embedded server with its worker takes on two cores. */
const WISHES_PER_SECOND = 15;
/** Slower, so that clients who connect now are never behind a rebuilt fleet. */
const REVIVALS_PER_SECOND = 5;
const UPKEEP_EVERY_MS = 5 * MINUTE_MS;
const DAYS_AHEAD = 3;

/** What the relay works with; tests bring their own. */
export interface RelayParts {
  readonly store: Store;
  readonly databaseUrl: string;
  readonly temporal: TemporalLink;
  readonly namespace: string;
  readonly eventRetentionDays: number;
  readonly log: Log;
}

/** Starts the role. Neither Postgres nor Temporal needs to answer yet. The steps returned close it, in their order. */
export async function startRelay(
  config: Config & { readonly databaseUrl: Secret },
  log: Log,
  readiness?: Readiness,
): Promise<readonly CloseStep[]> {
  const keys = await loadMasterKeys(config);
  const store = await openRoleStore(config.databaseUrl, keys, log);
  const temporal = await connectTemporal(config.temporal);
  const {
    eventRetentionDays,
    temporal: { namespace },
  } = config;
  readiness?.dependsOn(() => pingDatabase(store));
  readiness?.dependsOn(temporal.unavailable);
  const relay = await runRelay({
    store,
    databaseUrl: reveal(config.databaseUrl),
    temporal,
    namespace,
    eventRetentionDays,
    log,
  });
  return [
    { name: "relay", close: relay.close },
    { name: "Temporal", close: () => temporal.close() },
    { name: "database", close: () => store.close() },
  ];
}

/** Carries wishes to Temporal, and every five minutes mends what Temporal or the calendar needs. */
export async function runRelay(parts: RelayParts): Promise<{ readonly close: () => Promise<void> }> {
  const { store, databaseUrl, temporal, eventRetentionDays: retentionDays, log } = parts;
  const retention = createRetention(store, { retentionDays });
  const upkeep = startRounds({
    everyMs: UPKEEP_EVERY_MS,
    afterFailureMs: 5 * SECOND_MS,
    atLeastMs: 2 * SECOND_MS,
    round: (stop) => mend(parts, retention, stop),
    onFailure: (error) => log.warn({ err: error }, "upkeep was cut short; trying again"),
  });
  const wishes = startWishLoop({
    store,
    workflows: temporal.workflows,
    pace: createPace(WISHES_PER_SECOND),
    log,
    prepare: () => prepare(parts),
    onDoubt: upkeep.hurry,
  });
  const listener = await listenOutbox(databaseUrl, wishes.wake, log);
  return {
    // What is under way is let through: a connection closed under a call that is retried ends the process.
    close: async () => {
      await Promise.all([listener.close(), wishes.close(), upkeep.close()]);
    },
  };
}

/** Attributes that cannot be registered (an account without that right) are an operator's to add, and stop no wish here. */
async function prepare({ temporal, namespace, log }: RelayParts): Promise<string | undefined> {
  try {
    await ensureSearchAttributes(connectionOf(temporal), namespace);
  } catch (error) {
    const reason = await temporal.unavailable();
    if (reason !== undefined) return reason;
    log.error({ err: error }, "search attributes cannot be registered: add them by hand");
  }
  return undefined;
}

async function mend(parts: RelayParts, retention: Retention, stop: AbortSignal): Promise<void> {
  const { store, temporal, namespace, log } = parts;
  await ensurePartitions(store, { daysAhead: DAYS_AHEAD });
  await dropOldEvents(retention, log, stop);
  const reason = await temporal.unavailable();
  if (reason !== undefined) throw new Error(reason);
  const { client, workflows } = temporal;
  await ensureSearchAttributes(connectionOf(temporal), namespace);
  await ensureCrlSchedule(client).catch((error: unknown) =>
    log.error({ err: error }, "the Schedule that fetches CRLs could not be made; trying again"),
  );
  const pace = createPace(REVIVALS_PER_SECOND);
  const revived = await reviveWorkflows({ store, client, workflows, pace, log }, stop);
  if (revived > 0) log.info({ revived }, "started workflows of identities in use that had none");
}

/**
 * A backup reads events for hours. Each try to drop some meanwhile holds up who writes others for two seconds: the next
 * regular round is soon enough, and the rest of this one needs none of it.
 */
async function dropOldEvents(retention: Retention, log: Log, stop: AbortSignal): Promise<void> {
  try {
    const dropped = await retention(stop);
    if (dropped.length > 0) log.info({ dropped }, "events past their retention were dropped");
  } catch (error) {
    if (stop.aborted) return;
    const sentence = "events past their retention, or what was kept for them alone, could not be deleted; trying again";
    log.warn({ err: error }, sentence);
  }
}

/** runtime/temporal.ts makes a Connection; the client's type only promises its part of it. */
function connectionOf({ client }: TemporalLink): Connection {
  return client.connection as Connection;
}
