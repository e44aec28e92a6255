import type { OrganizationId } from "../../domain/identifiers.ts";
import type { Log } from "../../runtime/log.ts";
import type { Store } from "../../store/pool.ts";
import type { EdgeSettings } from "../../store/settings.ts";
import type { RevocationCheck } from "../eap/method.ts";
import { ranOut } from "./authority-expiry.ts";
import { chainStatus, vouchedChain } from "./revocation.ts";
import type { RevocationLists } from "./revocation.ts";
import { noteShownChains } from "./shown-chains.ts";
import type { ShownChains } from "./shown-chains.ts";

export interface CertificateChecks {
  /** Judges what clients of one organization show (behaviour 8.1, 8.5). */
  of(organizationId: OrganizationId): RevocationCheck;
}

interface CheckedBy {
  readonly lists: RevocationLists;
  readonly settings: Pick<EdgeSettings, "crl">;
}

export function createCertificateChecks(parts: {
  readonly viewOf: (id: OrganizationId) => CheckedBy;
  readonly chains: Pick<ShownChains, "note">;
  readonly now: () => number;
}): CertificateChecks {
  return {
    of: (organizationId) => (shown) => {
      // By what is held now: a list that came while the conversation was under way counts.
      const { lists, settings } = parts.viewOf(organizationId);
      const status = chainStatus(lists, shown, parts.now());
      if (status.kind === "revoked")
        return { kind: "refused", reason: "certificateRevoked", sentence: status.sentence };
      const ended = shown.resumed ? ranOut(lists, shown.certificate, parts.now()) : undefined;
      if (ended !== undefined) return { kind: "refused", reason: "certificateExpired", sentence: ended };
      // Also where it is refused for want of a list: that is fetched from where the certificate says.
      parts.chains.note(organizationId, vouchedChain(lists, shown));
      if (status.kind === "good") return { kind: "good", notes: [] };
      const { sentence } = status;
      return settings.crl.mode === "hard"
        ? { kind: "refused", reason: "crlUnavailable", sentence }
        : { kind: "good", notes: [sentence] };
    },
  };
}

/** The checks of an edge, which tells Postgres what clients show. `close` ends that. */
export function openCertificateChecks(parts: {
  readonly store: Store;
  readonly viewOf: (id: OrganizationId) => CheckedBy;
  readonly log: Log;
}): CertificateChecks & { close(): Promise<void> } {
  const chains = noteShownChains(parts.store, parts.log);
  const checks = createCertificateChecks({ viewOf: parts.viewOf, chains, now: Date.now });
  return { ...checks, close: () => chains.close() };
}
