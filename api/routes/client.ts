import { randomBytes } from "node:crypto";
import { uuidV7 } from "../../domain/identifiers.ts";
import type { EventId, OrganizationId } from "../../domain/identifiers.ts";
import { createPolicy } from "../../domain/policy.ts";
import type { PolicySnapshot } from "../../domain/policy.ts";
import { DEFAULT_VERDICT_RULES, VERDICT_SENTENCES } from "../../domain/verdict.ts";
import { findClient } from "../../store/clients.ts";
import { addCoaWish } from "../../store/outbox.ts";
import { loadPolicy } from "../../store/policies.ts";
import type { Store } from "../../store/pool.ts";
import { loadEdgeSettings } from "../../store/settings.ts";
import { readVerdict } from "../../store/verdicts.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { ApiFailure, notFound } from "../failure.ts";
import { mistOperation, ownOperation } from "../operation.ts";
import { ClientPath, CoaAnswer, CoaRequest } from "../schemas/client.ts";
import { CheckAnswer, Client } from "../schemas/client-detail.ts";
import { ref } from "../schemas/common.ts";
import { clientDetail, complianceOf, verdictAnswer } from "../shapes/client-detail.ts";
import { pathMac, stationMac } from "../shapes/mac.ts";
import { present, seconds } from "../shapes/present.ts";

const tags = ["clients"];

/** One client: all that is known of it, look it up now, move it now. */
export function singleClientRoutes(app: Api, deps: ApiDependencies): void {
  knowing(app, deps);
  moving(app, deps);
}

function knowing(app: Api, { store, workflows, now }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nac_clients/:client_mac",
    ownOperation({
      operationId: "getClient",
      summary: "One client: verdict with reason and age, sessions, desired and applied access",
      tags,
      params: ClientPath,
      answer: ref(Client),
    }),
    async ({ caller: { organizationId }, params }) => {
      const { client, sessions } = await clientOf(store, organizationId, params.client_mac);
      const identities = [client.identity, ...sessions.map(({ identity }) => identity)];
      const snapshot = await snapshotFor(store, organizationId, identities);
      return clientDetail(client, sessions, snapshot, now());
    },
  );

  app.post(
    "/orgs/:org_id/nac_clients/:client_mac/check",
    ownOperation({
      operationId: "checkClient",
      summary: "Ask the MDMs now; answers with the verdict",
      tags,
      params: ClientPath,
      answer: ref(CheckAnswer),
    }),
    async ({ caller: { organizationId }, params }) => {
      const { client } = await clientOf(store, organizationId, params.client_mac);
      const { identity } = client;
      if (identity === undefined) throw new ApiFailure(409, "noIdentity", VERDICT_SENTENCES.noIdentity);
      const result = await workflows.checkNow(organizationId, identity);
      const verdict = await readVerdict(store, organizationId, identity);
      return present({
        ...complianceOf(result),
        text: result.text,
        changed: result.changed,
        mdm_provider: result.provider,
        next_check_seconds: seconds(result.nextCheckMs),
        verdict: verdict && verdictAnswer(verdict, now()),
      });
    },
  );
}

function moving(app: Api, { store, now }: ApiDependencies): void {
  app.post(
    "/orgs/:org_id/nac_clients/:client_mac/coa",
    mistOperation({
      operationId: "sendCoa",
      summary: "Make the NAS authenticate the client again, or disconnect it",
      description:
        "Accepted durably. It is sent once Temporal answers and the NAS has had time to know the session, and again to a NAS that cannot take it yet; what came of it is told by the client's events.",
      tags,
      params: ClientPath,
      body: CoaRequest,
      answer: ref(CoaAnswer),
    }),
    async ({ caller: { organizationId, name }, params, body }) => {
      const { client, sessions } = await clientOf(store, organizationId, params.client_mac);
      const [session] = sessions;
      if (session === undefined) {
        throw new ApiFailure(404, "noSession", "the client has no open session: there is nothing to send");
      }
      const id = uuidV7<EventId>(now(), randomBytes(10));
      const { coa_type: coaType = "reauth" } = body;
      await addCoaWish(store, { id, organizationId, mac: client.mac, coaType, source: name });
      const { nas, portType } = session.evidence;
      return present({
        device_mac: stationMac(nas.calledStationId),
        device_type: portType === "wired" ? ("switch" as const) : ("ap" as const),
        event_id: id,
      });
    },
  );
}

async function clientOf(store: Store, organizationId: OrganizationId, text: string) {
  const found = await findClient(store, organizationId, pathMac(text));
  if (found === undefined) throw notFound("client", text);
  return found;
}

/** What decides for these identities as things stand. */
async function snapshotFor(
  store: Store,
  organizationId: OrganizationId,
  identities: readonly (Parameters<PolicySnapshot["verdictOf"]>[0] | undefined)[],
): Promise<PolicySnapshot> {
  const known = [...new Set(identities)].filter((identity) => identity !== undefined);
  const [policy, settings, ...verdicts] = await Promise.all([
    loadPolicy(store, organizationId),
    loadEdgeSettings(store, organizationId),
    ...known.map((identity) => readVerdict(store, organizationId, identity)),
  ]);
  const byIdentity = new Map(known.map((identity, index) => [identity, verdicts[index]]));
  return {
    policy: policy ?? createPolicy(organizationId, 0, [], []),
    verdictOf: (identity) => byIdentity.get(identity),
    trustMacAuthentication: settings.trustMacAuthentication,
    maximumVerdictAgeMs: DEFAULT_VERDICT_RULES.maximumAgeMs,
  };
}
