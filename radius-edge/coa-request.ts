import type { CoaOutcome, CoaStep } from "../domain/coa.ts";
import type { NasId, OrganizationId } from "../domain/identifiers.ts";
import type { Nas } from "../domain/nas.ts";
import { AUTOMATIC_PROFILE, profileAdvice } from "../domain/nas-profile.ts";
import { SECOND_MS } from "../domain/time.ts";
import { coaAttributes } from "./coa-attributes.ts";
import type { CoaSession } from "./coa-attributes.ts";
import type { CoaClient, CoaRequest } from "./dynamic-authorization.ts";
import type { EdgeMetrics } from "./edge-metrics.ts";
import type { NasProfiles } from "./nas-profiles.ts";
import type { Snapshot } from "./snapshot.ts";
import { writeOperatorNasIdentifier } from "./wire/attribute-writers.ts";
import { ERROR_CAUSE } from "./wire/error-cause.ts";

/** What a worker asks an edge for. */
export interface CoaOrder {
  readonly organizationId: OrganizationId;
  readonly nasId: NasId;
  /** The revision that the order rests on: the client must not come back to an older one. */
  readonly minimumRevision: number;
  readonly step: CoaStep;
  readonly session: CoaSession;
}

export interface CoaParts {
  readonly snapshot: Snapshot;
  readonly profiles: NasProfiles;
  readonly client: CoaClient;
  readonly metrics: EdgeMetrics;
}

const WAIT_FOR_REVISION_MS = SECOND_MS;

/** Sends one CoA or Disconnect, by the profile of the session's NAS, once this edge is as new as the order. */
export async function carryOutCoa(order: CoaOrder, parts: CoaParts): Promise<CoaOutcome> {
  const outcome = await attempt(order, parts);
  parts.metrics.coa(order.step, outcome.kind);
  return outcome;
}

async function attempt(order: CoaOrder, { snapshot, profiles, client }: CoaParts): Promise<CoaOutcome> {
  const { step, session } = order;
  const isCurrent = await snapshot.waitFor(order.organizationId, order.minimumRevision, WAIT_FOR_REVISION_MS);
  if (!isCurrent) return notSent(`this edge has not reached revision ${order.minimumRevision} yet`);
  const nas = snapshot.organization(order.organizationId).nases.find(({ id }) => id === order.nasId);
  if (nas === undefined) return notSent("the session's NAS is no longer registered");
  const name = nas.profile === AUTOMATIC_PROFILE ? session.nas.profile : nas.profile;
  const profile = profiles.named(name ?? "");
  if (profile === undefined) return notSent(`there is no NAS profile "${name}"`);
  const wayTo = wayToNas(nas, session, profile.coaPort);
  if (profile.takes.length === 0 || wayTo === undefined) {
    return { kind: "atReauthentication", text: wayTo === undefined ? BEHIND_PROXY : `${profile.title} takes no CoA` };
  }
  const templates = profile.steps[step];
  if (templates === undefined) return notSent(`NAS profile "${profile.name}" does not take ${step}`);
  let outcome: CoaOutcome = notSent("");
  for (const template of templates) {
    const attributes = [...coaAttributes(template, session), ...wayTo.attributes];
    outcome = await client.send({ ...wayTo, code: template.code, attributes });
    if (!isAboutAttributes(outcome)) break;
  }
  return outcome.kind === "refused" || outcome.kind === "noAnswer"
    ? { ...outcome, advice: profileAdvice(profile) }
    : outcome;
}

const BEHIND_PROXY = "the NAS is behind a proxy that is not declared to pass CoA on (RFC 8559)";

type Way = Pick<CoaRequest, "address" | "port" | "secret" | "attributes">;

/** Where CoA for a session goes. A proxy passes it on only where that was declared and it said by which name (RFC 8559 §3). */
function wayToNas(nas: Nas, { nas: seen }: CoaSession, profilePort: number): Way | undefined {
  const secret = nas.coaSecret ?? nas.secret;
  if (secret === undefined) return undefined;
  const way = { address: nas.coaAddress ?? seen.sourceAddress, port: nas.coaPort ?? profilePort, secret };
  // An address of its own is one that somebody knows to be the NAS's, proxy or not.
  if (seen.throughProxy !== true || nas.coaAddress !== undefined) return { ...way, attributes: [] };
  if (!nas.coaThroughProxy || seen.operatorNasIdentifier === undefined) return undefined;
  return { ...way, attributes: [writeOperatorNasIdentifier(Buffer.from(seen.operatorNasIdentifier, "hex"))] };
}

/** RFC 5176 §3.5: another wording may be taken. */
function isAboutAttributes(outcome: CoaOutcome): boolean {
  const causes: readonly (number | undefined)[] = [ERROR_CAUSE.unsupportedAttribute, ERROR_CAUSE.missingAttribute];
  return outcome.kind === "refused" && causes.includes(outcome.errorCause);
}

function notSent(text: string): CoaOutcome {
  return { kind: "notSent", text };
}
