import type { Nas } from "../domain/nas.ts";

/** Who sent a packet, as far as its address and the NAS registry tell. */
export interface Peer {
  readonly nas: Nas;
  readonly sourceAddress: string;
  /** Of the NAS's profile, lower case. */
  readonly vendor: string | undefined;
}
