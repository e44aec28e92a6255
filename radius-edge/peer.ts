import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";

/** Who sent a packet, as the NAS registry tells and the packet's authenticators confirm. */
export interface Peer {
  readonly nas: Nas;
  readonly sourceAddress: string;
  /** What the packet was verified with: it signs the answer, and hides what is hidden in either. */
  readonly secret: Secret;
  /** Of the NAS's profile, lower case. */
  readonly vendor: string | undefined;
}
