import type { Config } from "../../runtime/config.ts";
import { isLoopback, makeInternalToken } from "../../runtime/edge-access.ts";
import type { MasterKeys } from "../../runtime/master-keys.ts";
import { connectTemporal } from "../../runtime/temporal.ts";
import { pingDatabase } from "../../store/availability.ts";
import { checkCanary } from "../../store/canary.ts";
import { liveEdges } from "../../store/edges.ts";
import { listOrganizations } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { openWayToEdges } from "../roles/way-out.ts";
import { examineAccounts } from "./accounts.ts";
import { examineCertificates } from "./certificates.ts";
import { examineClock } from "./clock.ts";
import { examineCrls } from "./crls.ts";
import { examineDirectories } from "./directories.ts";
import { edgesInReach, examineEdges, hostsOf, isAnswering } from "./edges.ts";
import { fault, good } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { examineJournals } from "./journals.ts";
import { examineMachine } from "./machine.ts";
import { examineNases } from "./nases.ts";
import { examinePorts } from "./ports.ts";
import { examineRadsec } from "./radsec.ts";

/** Looks at everything that an installation stands on. Changes nothing, but asks each NAS to end a session of nobody's. */
export async function* examine(config: Config, store: Store, keys: MasterKeys): AsyncGenerator<Finding> {
  const lack = await pingDatabase(store);
  if (lack !== undefined) {
    yield fault(`Postgres does not answer: ${lack}`, "start it, or set DATABASE_URL");
    yield* await examineHere(config, await hostsHere(config));
    return;
  }
  yield good("Postgres answers");
  yield* await examineClock(store);
  const key = await examineKeys(store, keys);
  yield key;
  yield* await examineTemporal(config);
  // What is sealed cannot be looked at.
  if (key.level === "fault") return;
  const organizations = await listOrganizations(store);
  const http = await openWayToEdges(config);
  try {
    yield* await examineHere(config, hostsOf(await liveEdges(store)));
    yield* await examineEdges(store, http, organizations);
    yield* await examineJournals(store, config.stateFolder);
    const way = { http, token: makeInternalToken(keys), edges: await edgesInReach(store, http) };
    for (const organization of organizations) {
      yield* await examineCertificates(store, organization);
      yield* await examineCrls(store, organization);
      yield* await examineDirectories(store, organization);
      yield* await examineAccounts(store, organization);
      yield* await examineNases(store, way, organization);
    }
  } finally {
    await http.close();
  }
}

/** What stands on no database. `hosts`: where edges live, which hold their ports. */
async function examineHere(config: Config, hosts: readonly string[]): Promise<readonly Finding[]> {
  return [
    ...(hosts.length > 0 ? [] : await examinePorts(config)),
    ...(await examineRadsec(config, hosts)),
    ...(await examineMachine(config)),
  ];
}

/** Edges answer without Postgres too: whether one does, by this configuration. */
async function hostsHere(config: Config): Promise<readonly string[]> {
  const http = await openWayToEdges(config);
  try {
    const internalAddress = `${isLoopback(config.host) ? "http" : "https"}://${config.edge.internalAddress}`;
    return (await isAnswering(http, internalAddress)) ? hostsOf([{ internalAddress }]) : [];
  } finally {
    await http.close();
  }
}

const RESTORE = "restore it in PORTCULLIS_MASTER_KEYS";

async function examineKeys(store: Store, keys: MasterKeys): Promise<Finding> {
  const canary = await checkCanary(store, keys.current.kid);
  switch (canary.kind) {
    case "ok":
      return good(`the master key ${keys.current.kid} opens what is sealed`);
    case "wrongKey":
      return fault(`the master key ${keys.current.kid} is not the one of that name`, RESTORE);
    case "lostKey":
      return fault(`secrets are sealed with ${canary.kids.join(", ")}, which is not here`, RESTORE);
    case "unchecked":
      return fault("the master key could not be checked: Postgres went away", "try again");
  }
}

async function examineTemporal({ temporal }: Config): Promise<readonly Finding[]> {
  const link = await connectTemporal(temporal);
  try {
    const why = await link.unavailable();
    return why === undefined
      ? [good(`Temporal answers at ${temporal.address}`)]
      : [fault(why, "start it, or set TEMPORAL_ADDRESS; authentication goes on without it")];
  } finally {
    await link.close();
  }
}
