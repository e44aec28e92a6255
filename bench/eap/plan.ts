import type { CertifiedKey } from "../../simulators/certificates.ts";

/** What the EAP client is asked to do; travels to its process as JSON. */
export interface EapPlan {
  /** Where its NAS sends from: by this address a server knows the organization. */
  readonly nasAddress: string;
  readonly port: number;
  readonly authorityPem: string;
  readonly client: CertifiedKey;
  readonly authentications: number;
  /** Handshakes under way. */
  readonly concurrency: number;
}

export interface EapOutcome {
  readonly accepted: number;
  readonly seconds: number;
  /** How the others ended; one voids the run. */
  readonly failures: readonly string[];
}
