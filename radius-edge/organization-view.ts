import type { OrganizationId } from "../domain/identifiers.ts";
import type { Nas } from "../domain/nas.ts";
import type { PolicySnapshot } from "../domain/policy.ts";
import { isSecret, reveal } from "../domain/secret.ts";
import type { Secret, UnopenedSecret } from "../domain/secret.ts";
import { DEFAULT_VERDICT_RULES } from "../domain/verdict.ts";
import type { OrganizationChanges, People } from "../store/edge-snapshot.ts";
import type { UnopenedNas } from "../store/nas-rows.ts";
import type { RevocationMaterial } from "../store/revocation.ts";
import type { EdgeSettings } from "../store/settings.ts";
import { createEapTlsContext } from "./eap/tls-context.ts";
import type { EapTlsContextResult } from "./eap/tls-context.ts";
import type { ResumptionScope } from "./eap/tls-resumption.ts";
import { readLists } from "./certificates/revocation.ts";
import type { RevocationLists } from "./certificates/revocation.ts";
import type { VerdictTable } from "./snapshot/verdict-table.ts";

/** One organization in an edge's memory, ready to decide by: replaced at each change, but for the table of verdicts. */
export interface OrganizationView {
  readonly organizationId: OrganizationId;
  readonly revision: number;
  readonly policy: PolicySnapshot;
  readonly nases: readonly Nas[];
  /** Those that are not answered, since their secrets do not open. */
  readonly unopenedNases: readonly UnopenedNas[];
  readonly people: People;
  /** TLS for EAP, or why there is none. */
  readonly eap: EapTlsContextResult;
  /** One table for the organization's life, since a copy for each changed verdict would cost the whole fleet each time. */
  readonly verdicts: VerdictTable;
  readonly settings: EdgeSettings;
  /** What `lists` was made of. */
  readonly revocation: RevocationMaterial;
  readonly lists: RevocationLists;
}

const NOTHING: RevocationMaterial = { crls: [], intermediates: [] };
const NOBODY: People = { users: new Map(), directories: [] };

/** What a view is made of, besides what was read. */
export interface ViewParts {
  /** The installation's, for TLS sessions that any of its edges may resume. */
  readonly resumptionSecret: Uint8Array;
  /** The instant up to which verdicts age (snapshot/freshness.ts). */
  readonly agesUntil: () => number;
}

/**
 * The view after `changes`, whose verdicts are in the table already. A TLS context is made aside, and only when its
 * material has changed; one that does not work leaves the old one in force, as far as that is still wanted. Throws for
 * changes to what is not held.
 */
export function nextView(
  held: OrganizationView | undefined,
  changes: OrganizationChanges,
  verdicts: VerdictTable,
  { resumptionSecret, agesUntil }: ViewParts,
): OrganizationView {
  const { organizationId, revision, configuration } = changes;
  const people = changes.people ?? held?.people ?? NOBODY;
  const revocation = changes.revocation ?? held?.revocation ?? NOTHING;
  if (configuration === undefined) {
    if (held === undefined) throw new Error(`organization ${organizationId} came without its configuration`);
    const lists = nextLists(held, held.settings, revocation);
    return { ...held, revision, people, revocation, lists };
  }
  const { policy, settings, nases, unopenedNases } = configuration;
  return {
    organizationId,
    revision,
    policy: {
      policy,
      verdictOf: (identity) => verdicts.get(identity),
      trustMacAuthentication: settings.trustMacAuthentication,
      maximumVerdictAgeMs: DEFAULT_VERDICT_RULES.maximumAgeMs,
      get verdictsAgeUntil() {
        return agesUntil();
      },
    },
    nases,
    unopenedNases,
    people,
    eap: nextEap(held, settings, { secret: resumptionSecret, organization: organizationId }),
    verdicts,
    settings,
    revocation,
    lists: nextLists(held, settings, revocation),
  };
}

/** Verifying and indexing long lists takes a moment: only when they or who may sign them changed. */
function nextLists(
  held: OrganizationView | undefined,
  { cacerts }: EdgeSettings,
  revocation: RevocationMaterial,
): RevocationLists {
  const isSame = held?.revocation === revocation && held.settings.cacerts.join() === cacerts.join();
  return isSame ? held.lists : readLists(cacerts, revocation);
}

/** What does not work leaves in force what was before, unless that rests on something that was taken away. */
function nextEap(
  held: OrganizationView | undefined,
  settings: EdgeSettings,
  resumption: ResumptionScope,
): EapTlsContextResult {
  if (held !== undefined && material(held.settings) === material(settings)) return held.eap;
  const next = createEap(settings, resumption);
  if (next.kind === "ready" || held?.eap.kind !== "ready") return next;
  const { trustedCas } = held.eap.context.material;
  const isWanted = settings.serverCertificate !== undefined && trustedCas.every((ca) => settings.cacerts.includes(ca));
  return isWanted ? held.eap : next;
}

function material(settings: EdgeSettings): string {
  const textOf = (key: Secret | UnopenedSecret | undefined) => (isSecret(key) ? reveal(key) : key);
  const key = [settings.serverKey, settings.serverKeyPassword].map(textOf);
  return JSON.stringify([settings.cacerts, settings.serverCertificate, key]);
}

function createEap(settings: EdgeSettings, resumption: ResumptionScope): EapTlsContextResult {
  const { serverCertificate, serverKey, serverKeyPassword, cacerts } = settings;
  if (serverCertificate === undefined || serverKey === undefined) {
    const sentence = "The organization has no server certificate: set mist_nac.server_cert in its setting.";
    return { kind: "refused", fault: "serverCertificateUnreadable", sentence };
  }
  if (!isSecret(serverKey)) {
    const sentence = `The organization's server key cannot be used: ${serverKey.unopened}.`;
    return { kind: "refused", fault: "serverKeyUnopened", sentence };
  }
  return createEapTlsContext({
    serverCertificate,
    serverKey,
    ...(serverKeyPassword === undefined ? {} : { passphrase: serverKeyPassword }),
    trustedCas: cacerts,
    resumption,
  });
}
