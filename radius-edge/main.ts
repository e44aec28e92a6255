import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeId } from "../domain/identifiers.ts";
import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { Config } from "../runtime/config.ts";
import { findChannelKey, verifyInternalToken } from "../runtime/edge-access.ts";
import type { Log } from "../runtime/log.ts";
import { deriveKey, deriveKeys, loadMasterKeys, requireRightKey } from "../runtime/master-keys.ts";
import type { MasterKeys } from "../runtime/master-keys.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { createSeals } from "../runtime/secrets.ts";
import { isDatabaseAway } from "../store/availability.ts";
import { checkCanary } from "../store/canary.ts";
import { openStore } from "../store/pool.ts";
import type { Store } from "../store/pool.ts";
import { openCertificateChecks } from "./certificates/certificate-check.ts";
import { carryOutCoa } from "./coa/request.ts";
import type { CoaParts } from "./coa/request.ts";
import { openCoaClient } from "./coa/client.ts";
import { openDiskSnapshot } from "./snapshot/disk-snapshot.ts";
import { watchCrls } from "./certificates/crl-metrics.ts";
import { createDispatch } from "./dispatch.ts";
import { createEnvelope } from "./envelope.ts";
import { openEdgeConversations } from "./edge-conversations.ts";
import type { EapParts } from "./edge-conversations.ts";
import { loadEdgeId } from "./edge-id.ts";
import { createEdgeMetrics } from "./edge-metrics.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import { startInternalPort } from "./internal-port.ts";
import type { InternalPort } from "./internal-port.ts";
import { startListeners } from "./listeners.ts";
import { loadNasProfiles } from "./nas-profiles.ts";
import { openDirectories } from "./people/directories.ts";
import { guardDirectories } from "./people/directory-address.ts";
import { openDirectory } from "./people/directory.ts";
import { openPasswordChecks } from "./people/password-check.ts";
import type { PasswordChecks } from "./people/password-check.ts";
import { announceEdge } from "./presence.ts";
import { createStays } from "./stays.ts";
import { createRadsecConnections } from "./radsec/connections.ts";
import { createReturnedNases } from "./radsec/returned-nases.ts";
import { keepRecord } from "./record-keeping.ts";
import { rememberOpened } from "./remembered-seals.ts";
import { createDiskMetrics } from "./snapshot/disk-metrics.ts";
import { describeFreshness, watchFreshness } from "./snapshot/freshness-metrics.ts";
import { openSnapshot } from "./snapshot.ts";
import type { Snapshot } from "./snapshot.ts";
import { watchUnopened } from "./unopened-metrics.ts";

export interface RunningEdge {
  readonly edgeId: EdgeId;
  /** `host:port` of each socket. */
  readonly authentication: string;
  readonly accounting: string;
  /** `undefined`: RadSec is off. */
  readonly radsec: string | undefined;
  readonly internal: string;
  /** How current what it answers by is: what `/readyz` says. */
  describe(): object;
  /** Brings what has begun to its end, makes its events durable, and lets go; begins nothing new. */
  close(): Promise<void>;
}

export interface EdgeParts extends EapParts {
  readonly log: Log;
  readonly metrics: Metrics;
  /** RADIUS sockets that were opened before; those that are not among them it opens itself. */
  readonly sockets?: InheritedSockets | undefined;
  /** Called when another process lives under this edge's id. */
  readonly onTaken?: (reason: Error) => void;
}

/**
 * Starts an edge. The first time it waits for Postgres, without which it would know no NAS; from then on, over restarts too,
 * it does without.
 */
export async function startEdge(
  config: Config & { readonly databaseUrl: Secret },
  parts: EdgeParts,
): Promise<RunningEdge> {
  const { log, sockets } = parts;
  const keys = await loadMasterKeys(config);
  const databaseUrl = reveal(config.databaseUrl);
  const edgeId = await loadEdgeId(config.edge, config.stateFolder, log);
  const store = openStore({ databaseUrl, seals: rememberOpened(createSeals(keys)), log });
  const opened: { close(): unknown }[] = [store];
  const keep = <T extends { close(): unknown }>(part: T): T => {
    opened.unshift(part);
    return part;
  };
  // Last opened, first closed: sockets before what their answers need.
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0)) await part.close();
  };
  try {
    const snapshot = keep(await openCheckedSnapshot(store, edgeId, config, keys, parts));
    watchFreshness(parts.metrics, snapshot.freshness);
    watchCrls(parts.metrics, snapshot);
    watchUnopened(parts.metrics, snapshot);
    const recorder = keep(await keepRecord(store, edgeId, config, parts));
    const certificates = keep(openCertificateChecks({ store, viewOf: (id) => snapshot.organization(id), log }));
    const passwords = keep(openPasswords(config, snapshot));
    const conversations = keep(await openEdgeConversations(parts, parts));
    const metrics = createEdgeMetrics(parts.metrics, {
      journaled: () => recorder.journaled,
      conversations: () => conversations.size(),
    });
    const profiles = loadNasProfiles();
    const client = keep(await openCoaClient(config.host));
    const connections = createRadsecConnections();
    const returned = keep(createReturnedNases(store, parts.log));
    const envelope = createEnvelope(log);
    const stays = createStays();
    const coa = { snapshot, profiles, client, radsec: connections.coa, envelope, stays, metrics };
    const internal = keep(await openInternalPort(config, keys, parts, coa));
    keep(await announce(store, { id: edgeId, config, internal, snapshot, parts }));
    const classKey = Buffer.from(deriveKey(keys, "radius-class"));
    const judges = { snapshot, conversations, passwords, certificates };
    const pseudonymKey = deriveKey(keys, "user-pseudonym");
    const context = { edgeId, ...judges, recorder, stays, classKey, pseudonymKey, now: Date.now };
    const dispatch = createDispatch({ context, profiles, metrics, log });
    const heard = { dispatch, envelope, snapshot, connections, returned, metrics: parts.metrics, log };
    const listeners = keep(await startListeners(config, { sockets, ...heard }));
    const addresses = { ...listeners.addresses, internal: internal.address };
    log.info({ edgeId, ...addresses }, "the edge answers");
    return { edgeId, ...addresses, describe: () => describeFreshness(snapshot.freshness), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openPasswords({ mdm }: Config, snapshot: Snapshot): PasswordChecks {
  const guard = guardDirectories(mdm.allowedNetworks);
  const directories = openDirectories((directory) => openDirectory(directory, guard));
  return openPasswordChecks({ peopleOf: (id) => snapshot.organization(id).people, directories });
}

function openInternalPort(
  { host, ports }: Config,
  keys: MasterKeys,
  { metrics }: EdgeParts,
  coa: CoaParts,
): Promise<InternalPort> {
  return startInternalPort({
    host,
    port: ports.internal,
    metrics,
    readiness: () => describeFreshness(coa.snapshot.freshness),
    isAuthorized: (authorization) => verifyInternalToken(keys, authorization),
    channelKey: (identity) => findChannelKey(keys, identity),
    carryOut: (order) => carryOutCoa(order, coa),
  });
}

/** Begins from the disk; where there is nothing, waits for Postgres, which knows all that the edge is to know. */
function openCheckedSnapshot(
  store: Store,
  edgeId: EdgeId,
  config: Config & { readonly databaseUrl: Secret },
  keys: MasterKeys,
  { log, metrics: registry }: EdgeParts,
): Promise<Snapshot> {
  const metrics = createDiskMetrics(registry);
  const { kid } = keys.current;
  const [first, ...others] = deriveKeys(keys, "edge-snapshot");
  return whenPostgresAnswers(
    () =>
      openSnapshot({
        store,
        databaseUrl: reveal(config.databaseUrl),
        disk: openDiskSnapshot(join(config.stateFolder, "snapshot", edgeId), [first!, ...others]),
        metrics,
        checkKey: async () => {
          const canary = await checkCanary(store, kid);
          if (canary.kind === "unchecked") throw canary.cause;
          requireRightKey(canary, kid, log);
        },
        resumptionSecret: deriveKey(keys, "eap-resumption"),
        log,
      }),
    log,
  );
}

async function whenPostgresAnswers<T>(work: () => Promise<T>, log: Log): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      log.warn({ err: error }, "waiting for Postgres");
      await sleep(1_000);
    }
  }
}

function announce(
  store: Store,
  edge: {
    readonly id: EdgeId;
    readonly config: Config;
    readonly internal: InternalPort;
    readonly snapshot: Snapshot;
    readonly parts: EdgeParts;
  },
): Promise<{ close(): Promise<void> }> {
  const { id, config, internal, snapshot, parts } = edge;
  // Port 0 is whatever the system gave; behind NAT or in a container the operator says where workers find it.
  const address = config.ports.internal === 0 ? internal.address : config.edge.internalAddress;
  const internalAddress = `${internal.scheme}://${address}`;
  const onTaken = parts.onTaken ?? (({ message }) => parts.log.fatal({ id }, message));
  return announceEdge({ store, id, internalAddress, snapshot, log: parts.log, onTaken });
}
