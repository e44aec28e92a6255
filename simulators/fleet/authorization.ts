import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import type { Packet } from "../../radius-edge/wire/packet.ts";

/** What an Access-Accept does to the port. */
export interface PortAuthorization {
  /** `undefined`: the port's own. */
  readonly vlan: string | undefined;
  /** Given back in all accounting of the session (RFC 2865 §5.25). */
  readonly classes: readonly Buffer[];
  readonly interimSeconds: number | undefined;
  readonly sessionTimeoutSeconds: number | undefined;
}

/** Values outlive the datagram: they are copied. */
export function readAuthorization(accept: Packet): PortAuthorization {
  return {
    vlan: readVlan(accept),
    classes: read.readClasses(accept).map((value) => Buffer.from(value)),
    interimSeconds: read.readAcctInterimIntervalSeconds(accept),
    sessionTimeoutSeconds: read.readSessionTimeoutSeconds(accept),
  };
}

/** RFC 2868 §3.1: a first octet up to 0x1F is a tag. */
const LAST_TAG = 0x1f;

/** RFC 3580 §3.31: Tunnel-Private-Group-ID names the VLAN, by number or by name. */
function readVlan({ attributes }: Packet): string | undefined {
  const value = attributes.find(([type]) => type === ATTRIBUTE.TunnelPrivateGroupId)?.[1];
  if (value === undefined || value.length === 0) return undefined;
  return value.subarray(value[0]! <= LAST_TAG ? 1 : 0).toString("utf8");
}
