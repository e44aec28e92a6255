import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";
import type { NasProfile } from "./nas-profiles.ts";

/** Who sent a packet, as the NAS registry tells and the packet's authenticators confirm. */
export interface Peer {
  readonly nas: Nas;
  readonly sourceAddress: string;
  /** What the packet was verified with: it signs the answer, and hides what is hidden in either. */
  readonly secret: Secret;
  /** How its kind takes CoA; `undefined` where the one chosen for it is no longer there. */
  readonly profile: NasProfile | undefined;
}
