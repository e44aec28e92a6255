import type { CoaOutcome, CoaStep } from "../domain/coa.ts";
import type { NasId, OrganizationId } from "../domain/identifiers.ts";
import { SECOND_MS } from "../domain/time.ts";
import { coaAttributes } from "./coa-attributes.ts";
import type { CoaSession } from "./coa-attributes.ts";
import type { CoaClient } from "./dynamic-authorization.ts";
import type { EdgeMetrics } from "./edge-metrics.ts";
import type { NasProfile } from "./nas-profiles.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a worker asks an edge for. */
export interface CoaOrder {
  readonly organizationId: OrganizationId;
  readonly nasId: NasId;
  /** The revision that the order rests on: the client must not come back to an older one. */
  readonly minimumRevision: number;
  readonly step: CoaStep;
  readonly session: CoaSession;
}

const WAIT_FOR_REVISION_MS = SECOND_MS;

/** Sends one CoA or Disconnect, by the profile of the session's NAS, once this edge is as new as the order. */
export async function carryOutCoa(
  order: CoaOrder,
  parts: {
    readonly snapshot: Snapshot;
    readonly profiles: ReadonlyMap<string, NasProfile>;
    readonly client: CoaClient;
    readonly metrics: EdgeMetrics;
  },
): Promise<CoaOutcome> {
  const outcome = await attempt(order, parts);
  parts.metrics.coa(order.step, outcome.kind);
  return outcome;
}

async function attempt(order: CoaOrder, parts: Parameters<typeof carryOutCoa>[1]): Promise<CoaOutcome> {
  const { snapshot, profiles, client } = parts;
  const isCurrent = await snapshot.waitFor(order.organizationId, order.minimumRevision, WAIT_FOR_REVISION_MS);
  if (!isCurrent) return notSent(`this edge has not reached revision ${order.minimumRevision} yet`);
  const nas = snapshot.organization(order.organizationId).nases.find(({ id }) => id === order.nasId);
  if (nas === undefined) return notSent("the session's NAS is no longer registered");
  const profile = profiles.get(nas.profile);
  if (profile === undefined) return notSent(`there is no NAS profile "${nas.profile}"`);
  const template = profile.steps[order.step];
  if (template === undefined) return notSent(`NAS profile "${profile.name}" does not take ${order.step}`);
  const secret = nas.coaSecret ?? nas.secret;
  if (secret === undefined) return notSent("the session's NAS speaks RadSec only");
  return client.send({
    address: nas.coaAddress ?? order.session.nas.sourceAddress,
    port: nas.coaPort,
    secret,
    code: template.code,
    attributes: coaAttributes(template, order.session),
  });
}

function notSent(text: string): CoaOutcome {
  return { kind: "notSent", text };
}
