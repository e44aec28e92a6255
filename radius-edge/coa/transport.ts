import type { CoaOutcome } from "../../domain/coa.ts";
import type { NasId } from "../../domain/identifiers.ts";
import type { CoaRequest } from "./exchange.ts";

/**
 * CoA over a connection that the NAS itself has opened, for a NAS behind NAT or a firewall, or one without an address
 * ("reverse CoA", draft-ietf-radext-reverse-coa). `request.ts` asks here first; where no edge reaches the NAS so, CoA
 * goes over UDP if the NAS has a secret for that.
 */
export interface CoaTransport {
  /** Whether this edge holds a connection of the NAS. */
  reaches(nasId: NasId): boolean;
  /** Never rejects: what the NAS said, or that it said nothing. TLS has the secret, TCP the retransmissions. */
  send(nasId: NasId, request: Pick<CoaRequest, "code" | "attributes">): Promise<CoaOutcome>;
}
