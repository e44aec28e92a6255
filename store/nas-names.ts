import type { NasEvidence } from "../domain/evidence.ts";

/**
 * Columns that tell one NAS from another: what it says of itself, apart from who sent the packet. RFC 2865 §4.1 has it
 * say something; one that does not is known by where its packets come from.
 */
export function nasNames(nas: NasEvidence) {
  const { nasIdentifier, nasIpAddress, nasIpv6Address, sourceAddress } = nas;
  const isNameless = nasIdentifier === undefined && nasIpAddress === undefined && nasIpv6Address === undefined;
  return {
    nas_id: nas.nasId,
    nas_identifier: nasIdentifier,
    nas_ip_address: isNameless ? sourceAddress : nasIpAddress,
    nas_ipv6_address: nasIpv6Address,
  };
}

/** SQL: whether two rows, of whatever tables, name one NAS of one organization. */
export function sameNas(a: string, b: string): string {
  return `${a}.organization_id is not distinct from ${b}.organization_id
      and same_nas(${a}.nas_identifier, ${a}.nas_ip_address, ${a}.nas_ipv6_address,
        ${b}.nas_identifier, ${b}.nas_ip_address, ${b}.nas_ipv6_address)`;
}
