import type { AccountingKind } from "../../domain/session.ts";
import { ATTRIBUTE, EXTENDED_1 } from "./attribute-type.ts";
import { ipv4Octets, ipv6Octets } from "./ip-address.ts";
import { MAX_VALUE_OCTETS } from "./packet.ts";
import type { Attribute } from "./packet.ts";
import { VENDOR, writeVendorAttribute } from "./vendor-attribute.ts";

/** Writes one attribute. Too long a value is refused where the packet is encoded. */
export type Writer<T> = (value: T) => Attribute;

const text =
  (type: number): Writer<string> =>
  (value) => [type, Buffer.from(value, "utf8")];
const octets =
  (type: number): Writer<Buffer> =>
  (value) => [type, value];
/** RFC 2865 §5 `integer`. Throws RangeError outside 0 … 2³²−1: such a number is a mistake of ours. */
const integer =
  (type: number): Writer<number> =>
  (value) => {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value);
    return [type, bytes];
  };

export const writeUserName = text(ATTRIBUTE.UserName);
export const writeNasIdentifier = text(ATTRIBUTE.NasIdentifier);
export const writeNasPort = integer(ATTRIBUTE.NasPort);
export const writeNasPortId = text(ATTRIBUTE.NasPortId);
export const writeNasPortType = integer(ATTRIBUTE.NasPortType);
export const writeCallingStationId = text(ATTRIBUTE.CallingStationId);
export const writeCalledStationId = text(ATTRIBUTE.CalledStationId);
export const writeServiceType = integer(ATTRIBUTE.ServiceType);
export const writeFilterId = text(ATTRIBUTE.FilterId);
export const writeReplyMessage = text(ATTRIBUTE.ReplyMessage);
export const writeChargeableUserIdentity = text(ATTRIBUTE.ChargeableUserIdentity);
export const writeState = octets(ATTRIBUTE.State);
export const writeClass = octets(ATTRIBUTE.Class);
export const writeProxyState = octets(ATTRIBUTE.ProxyState);
export const writeSessionTimeout: Writer<number> = integer(ATTRIBUTE.SessionTimeout);
export const writeAcctInterimInterval: Writer<number> = integer(ATTRIBUTE.AcctInterimInterval);
export const writeErrorCause = integer(ATTRIBUTE.ErrorCause);
export const writeAcctSessionId = text(ATTRIBUTE.AcctSessionId);
export const writeAcctDelaySeconds = integer(ATTRIBUTE.AcctDelayTime);
export const writeAcctSessionTime = integer(ATTRIBUTE.AcctSessionTime);
export const writeAcctInputOctets = integer(ATTRIBUTE.AcctInputOctets);
export const writeAcctOutputOctets = integer(ATTRIBUTE.AcctOutputOctets);
export const writeAcctTerminateCause = integer(ATTRIBUTE.AcctTerminateCause);

const writeTerminationActionNumber = integer(ATTRIBUTE.TerminationAction);
const writeAcctStatusType = integer(ATTRIBUTE.AcctStatusType);
const writeEventTimestampSeconds = integer(ATTRIBUTE.EventTimestamp);

/** RFC 2865 §5.29: what the NAS does when the session timeout is reached; RFC 3580 §3.17 has it re-authenticate. */
export function writeTerminationAction(action: "Default" | "RADIUS-Request"): Attribute {
  return writeTerminationActionNumber(action === "RADIUS-Request" ? 1 : 0);
}

/** RFC 2866 §5.1. */
const ACCT_STATUS_TYPES: Readonly<Record<AccountingKind, number>> = { start: 1, stop: 2, interim: 3, on: 7, off: 8 };

export function writeAccountingKind(kind: AccountingKind): Attribute {
  return writeAcctStatusType(ACCT_STATUS_TYPES[kind]);
}

/** RFC 8559 §3.3, in the layout of RFC 6929 §2.1. */
export const writeOperatorNasIdentifier: Writer<Buffer> = (value) => [
  ATTRIBUTE.Extended1,
  Buffer.concat([Buffer.from([EXTENDED_1.OperatorNasIdentifier]), value]),
];

/** RFC 2869 §5.3: whole seconds of an instant in epoch milliseconds. */
export function writeEventTimestamp(epochMs: number): Attribute {
  return writeEventTimestampSeconds(Math.floor(epochMs / 1_000));
}

/** NAS-IP-Address or NAS-IPv6-Address, whichever the address is; `undefined` when it is none. */
export function writeNasAddress(address: string): Attribute | undefined {
  return address.includes(":")
    ? written(ATTRIBUTE.NasIpv6Address, ipv6Octets(address))
    : written(ATTRIBUTE.NasIpAddress, ipv4Octets(address));
}

/** Framed-IP-Address or Framed-IPv6-Address; `undefined` when it is no address. */
export function writeFramedAddress(address: string): Attribute | undefined {
  return address.includes(":")
    ? written(ATTRIBUTE.FramedIpv6Address, ipv6Octets(address))
    : written(ATTRIBUTE.FramedIpAddress, ipv4Octets(address));
}

function written(type: number, value: Buffer | undefined): Attribute | undefined {
  return value === undefined ? undefined : [type, value];
}

/** RFC 3579 §3.1: an EAP packet in pieces of up to 253 octets, in order. */
export function writeEapMessage(eap: Buffer): readonly Attribute[] {
  const pieces: Attribute[] = [];
  for (let offset = 0; offset < eap.length; offset += MAX_VALUE_OCTETS) {
    pieces.push([ATTRIBUTE.EapMessage, eap.subarray(offset, offset + MAX_VALUE_OCTETS)]);
  }
  return pieces;
}

/** RFC 2868 §3.1 Tunnel-Type VLAN (RFC 3580 §3.31), §3.2 Tunnel-Medium-Type IEEE-802. */
const TUNNEL_TYPE_VLAN = 13;
const TUNNEL_MEDIUM_IEEE_802 = 6;

/**
 * The three attributes that put a port into a VLAN, by number or by name (RFC 3580 §3.31, which wants tag 0 where the
 * packet describes one tunnel only, as all of ours do).
 */
export function writeVlan(vlan: string, tag = 0): readonly Attribute[] {
  return [
    [ATTRIBUTE.TunnelType, Buffer.from([tag, 0, 0, TUNNEL_TYPE_VLAN])],
    [ATTRIBUTE.TunnelMediumType, Buffer.from([tag, 0, 0, TUNNEL_MEDIUM_IEEE_802])],
    [ATTRIBUTE.TunnelPrivateGroupId, Buffer.from([tag, ...Buffer.from(vlan, "utf8")])],
  ];
}

/** RFC 4675 §2.3: `1` (tagged) or `2` (untagged) before the name, the way Mist writes it too (`1vlan-30`). */
export function writeEgressVlanName(taggedName: string): Attribute | undefined {
  return /^[12]./.test(taggedName) ? [ATTRIBUTE.EgressVlanName, Buffer.from(taggedName, "utf8")] : undefined;
}

/** Cisco-AVPair, attribute 1 of vendor 9: `subscriber:command=reauthenticate`. */
export function writeCiscoAvPair(pair: string): Attribute {
  return writeVendorAttribute({ vendorId: VENDOR.Cisco, vendorType: 1, value: Buffer.from(pair, "utf8") });
}
