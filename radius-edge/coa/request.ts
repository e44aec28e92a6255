import type { CoaOutcome, CoaStep } from "../../domain/coa.ts";
import type { NasId, OrganizationId } from "../../domain/identifiers.ts";
import { isCutOffByProxy } from "../../domain/nas.ts";
import type { Nas } from "../../domain/nas.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { AUTOMATIC_PROFILE, profileAdvice } from "../../domain/nas-profile.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { coaAttributes } from "./attributes.ts";
import type { CoaSession } from "./attributes.ts";
import type { CoaTransport } from "./transport.ts";
import type { CoaClient } from "./client.ts";
import type { CoaRequest } from "./exchange.ts";
import type { Envelope } from "../envelope.ts";
import type { EdgeMetrics } from "../edge-metrics.ts";
import type { NasProfiles } from "../nas-profiles.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Stays } from "../stays.ts";
import { writeOperatorNasIdentifier } from "../wire/attribute-writers.ts";
import { ERROR_CAUSE } from "../wire/error-cause.ts";
import type { Attribute } from "../wire/packet.ts";

/** What a worker asks an edge for. */
export interface CoaOrder {
  readonly organizationId: OrganizationId;
  readonly nasId: NasId;
  /** The revision that the order rests on: the client must not come back to an older one. */
  readonly minimumRevision: number;
  readonly step: CoaStep;
  /** Every edge was asked, and holds no RadSec connection of the NAS: UDP is what is left. */
  readonly mayUseUdp?: boolean;
  readonly session: CoaSession;
}

export interface CoaParts {
  readonly snapshot: Snapshot;
  readonly profiles: NasProfiles;
  readonly client: CoaClient;
  /** Along the connections of NASes that speak RadSec. */
  readonly radsec: CoaTransport;
  /** Knows the secret that a NAS has, in the midst of a rotation too. */
  readonly envelope: Pick<Envelope, "secretInUse">;
  readonly stays: Pick<Stays, "leave">;
  readonly metrics: EdgeMetrics;
}

const WAIT_FOR_REVISION_MS = SECOND_MS;

/** This edge did not get as new as the order in time. Nothing was sent; whoever asked may ask again. */
class EdgeBehindError extends Error {
  override readonly name = "EdgeBehindError";
  /** Of HTTP: conflict with the state of the edge. */
  readonly statusCode = 409;
  constructor(revision: number) {
    super(`this edge has not reached revision ${revision} yet`);
  }
}

/**
 * Sends one CoA or Disconnect, by the profile of the session's NAS, once this edge is as new as the order. Rejects with
 * EdgeBehindError.
 */
export async function carryOutCoa(order: CoaOrder, parts: CoaParts): Promise<CoaOutcome> {
  const mac = parseMac(order.session.nas.callingStationId ?? "");
  if (order.step === "disconnect" && mac !== undefined) parts.stays.leave(order.nasId, mac);
  const outcome = await attempt(order, parts);
  parts.metrics.coa(order.step, outcome.kind);
  return outcome;
}

async function attempt(order: CoaOrder, parts: CoaParts): Promise<CoaOutcome> {
  const { snapshot, profiles } = parts;
  const { step, session } = order;
  const isCurrent = await snapshot.waitFor(order.organizationId, order.minimumRevision, WAIT_FOR_REVISION_MS);
  if (!isCurrent) throw new EdgeBehindError(order.minimumRevision);
  const nas = snapshot.organization(order.organizationId).nases.find(({ id }) => id === order.nasId);
  if (nas === undefined) return notSent("the session's NAS is no longer registered");
  const name = nas.profile === AUTOMATIC_PROFILE ? session.nas.profile : nas.profile;
  const profile = profiles.named(name ?? "");
  if (profile === undefined) return notSent(`there is no NAS profile "${name}"`);
  const wayTo = wayToNas(nas, order, profile.coaPort, parts);
  if (profile.takes.length === 0) return { kind: "atReauthentication", text: `${profile.title} takes no CoA` };
  if ("kind" in wayTo) return wayTo;
  const templates = profile.steps[step];
  if (templates === undefined) return notSent(`NAS profile "${profile.name}" does not take ${step}`);
  let outcome: CoaOutcome = notSent("");
  for (const template of templates) {
    const attributes = [...coaAttributes(template, session), ...wayTo.attributes];
    outcome = await wayTo.send({ code: template.code, attributes });
    if (!isAboutAttributes(outcome)) break;
  }
  return outcome.kind === "refused" || outcome.kind === "noAnswer"
    ? { ...outcome, advice: profileAdvice(profile) }
    : outcome;
}

const BEHIND_PROXY = {
  kind: "atReauthentication",
  text: "the NAS is behind a proxy that is not declared to pass CoA on (RFC 8559)",
} as const;
const NOT_CONNECTED = {
  kind: "noPath",
  text: "the NAS speaks RadSec only, and has no connection to an edge now",
} as const;
const NOT_CONNECTED_HERE = {
  kind: "noPath",
  text: "the NAS has no RadSec connection to this edge now",
} as const;

/** How CoA reaches the NAS of a session, and what its attributes need besides. */
interface Way {
  readonly send: (request: Pick<CoaRequest, "code" | "attributes">) => Promise<CoaOutcome>;
  readonly attributes: readonly Attribute[];
}

/**
 * Along a RadSec connection of the NAS where there is one, else over UDP; but another edge may hold one, and behind NAT
 * UDP reaches nobody.
 */
function wayToNas(
  nas: Nas,
  { session: { nas: seen }, mayUseUdp = false }: CoaOrder,
  profilePort: number,
  { client, radsec, envelope }: CoaParts,
): Way | CoaOutcome {
  if (isCutOffByProxy(nas, seen)) return BEHIND_PROXY;
  const attributes = proxyAttributes(nas, seen);
  if (radsec.reaches(nas.id)) return { send: (request) => radsec.send(nas.id, request), attributes };
  const secret = nas.coaSecret ?? envelope.secretInUse(nas, Date.now());
  if (secret === undefined) return NOT_CONNECTED;
  if (nas.radsec !== undefined && !mayUseUdp) return NOT_CONNECTED_HERE;
  const address = nas.coaAddress ?? seen.sourceAddress;
  const port = nas.coaPort ?? profilePort;
  const send: Way["send"] = (request) =>
    client.send({ address, port, secret, code: request.code, attributes: request.attributes });
  return { send, attributes };
}

/** By what a proxy in between finds the NAS; an address of its own needs no finding. */
function proxyAttributes(nas: Nas, { throughProxy, operatorNasIdentifier }: CoaSession["nas"]): readonly Attribute[] {
  if (throughProxy !== true || nas.coaAddress !== undefined || operatorNasIdentifier === undefined) return [];
  return [writeOperatorNasIdentifier(Buffer.from(operatorNasIdentifier, "hex"))];
}

/** RFC 5176 §3.5: another wording may be taken. */
function isAboutAttributes(outcome: CoaOutcome): boolean {
  const causes: readonly (number | undefined)[] = [ERROR_CAUSE.unsupportedAttribute, ERROR_CAUSE.missingAttribute];
  return outcome.kind === "refused" && causes.includes(outcome.errorCause);
}

function notSent(text: string): CoaOutcome {
  return { kind: "notSent", text };
}
