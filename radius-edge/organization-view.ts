import type { OrganizationId } from "../domain/identifiers.ts";
import type { IdentityKey } from "../domain/identity.ts";
import type { Nas } from "../domain/nas.ts";
import type { PolicySnapshot } from "../domain/policy.ts";
import { reveal } from "../domain/secret.ts";
import { DEFAULT_VERDICT_RULES } from "../domain/verdict.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { OrganizationSnapshot, People } from "../store/edge-snapshot.ts";
import type { EdgeSettings } from "../store/settings.ts";
import { createEapTlsContext } from "./eap/tls-context.ts";
import type { EapTlsContextResult } from "./eap/tls-context.ts";
import type { ResumptionScope } from "./eap/tls-resumption.ts";

/** One organization in an edge's memory, ready to decide by: replaced at each change, but for the map of verdicts. */
export interface OrganizationView {
  readonly organizationId: OrganizationId;
  readonly revision: number;
  readonly policy: PolicySnapshot;
  readonly nases: readonly Nas[];
  readonly people: People;
  /** TLS for EAP, or why there is none. */
  readonly eap: EapTlsContextResult;
  /** One map for the organization's life, since a copy for each changed verdict would cost the whole fleet each time. */
  readonly verdicts: Map<IdentityKey, Verdict>;
  readonly settings: EdgeSettings;
}

const NOBODY: People = { users: new Map(), directories: [] };

/**
 * The view after `changes`: its verdicts over those held before. A TLS context is made aside, and only when its
 * material has changed; one that does not work leaves the old one in force.
 */
export function nextView(
  held: OrganizationView | undefined,
  changes: OrganizationSnapshot,
  resumptionSecret: Uint8Array,
): OrganizationView {
  const verdicts = held?.verdicts ?? new Map<IdentityKey, Verdict>();
  for (const [identity, verdict] of changes.verdicts) verdicts.set(identity, verdict);
  return {
    organizationId: changes.organizationId,
    revision: changes.revision,
    policy: {
      policy: changes.policy,
      verdictOf: (identity) => verdicts.get(identity),
      trustMacAuthentication: changes.settings.trustMacAuthentication,
      maximumVerdictAgeMs: DEFAULT_VERDICT_RULES.maximumAgeMs,
    },
    nases: changes.nases,
    people: changes.people ?? held?.people ?? NOBODY,
    eap: nextEap(held, changes.settings, { secret: resumptionSecret, organization: changes.organizationId }),
    verdicts,
    settings: changes.settings,
  };
}

function nextEap(
  held: OrganizationView | undefined,
  settings: EdgeSettings,
  resumption: ResumptionScope,
): EapTlsContextResult {
  if (held !== undefined && material(held.settings) === material(settings)) return held.eap;
  const next = createEap(settings, resumption);
  return next.kind === "refused" && held?.eap.kind === "ready" ? held.eap : next;
}

function material(settings: EdgeSettings): string {
  const key = [settings.serverKey, settings.serverKeyPassword].map((text) => (text === undefined ? "" : reveal(text)));
  return JSON.stringify([settings.cacerts, settings.serverCertificate, key]);
}

function createEap(settings: EdgeSettings, resumption: ResumptionScope): EapTlsContextResult {
  const { serverCertificate, serverKey, serverKeyPassword, cacerts } = settings;
  if (serverCertificate === undefined || serverKey === undefined) {
    const sentence = "The organization has no server certificate: set mist_nac.server_cert in its setting.";
    return { kind: "refused", fault: "serverCertificateUnreadable", sentence };
  }
  return createEapTlsContext({
    serverCertificate,
    serverKey,
    ...(serverKeyPassword === undefined ? {} : { passphrase: serverKeyPassword }),
    trustedCas: cacerts,
    resumption,
  });
}
