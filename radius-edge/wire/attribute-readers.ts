import type { AccountingKind } from "../../domain/session.ts";
import { ATTRIBUTE, EXTENDED_1 } from "./attribute-type.ts";
import { ipv4Text, ipv6Text } from "./ip-address.ts";
import type { Packet } from "./packet.ts";
import { ATTRIBUTE_HEADER_OCTETS, findAttribute } from "./scan.ts";
import { textOf } from "./text.ts";
import { findVendorValue, readVendorValues, VENDOR } from "./vendor-attribute.ts";

/**
 * Reads one attribute: `undefined` when it is absent, empty, or not of its type's length. Of an attribute that should
 * occur once and occurs twice, the first counts.
 */
export type Reader<T> = (packet: Packet) => T | undefined;

/** Where an attribute's value stands in its packet: from `start`, up to and without `end`. */
type Meaning<T> = (bytes: Buffer, start: number, end: number) => T | undefined;

function reader<T>(type: number, meaning: Meaning<T>): Reader<T> {
  return ({ bytes }) => {
    const offset = findAttribute(bytes, type);
    if (offset < 0 || bytes[offset + 1] === ATTRIBUTE_HEADER_OCTETS) return undefined;
    return meaning(bytes, offset + ATTRIBUTE_HEADER_OCTETS, offset + bytes[offset + 1]!);
  };
}

const value: Meaning<Buffer> = (bytes, start, end) => bytes.subarray(start, end);
const text = (type: number): Reader<string> => reader(type, textOf);
const octets = (type: number): Reader<Buffer> => reader(type, value);
/** RFC 2865 §5 `integer`: 32 bits, unsigned, most significant octet first. */
const integer = (type: number): Reader<number> =>
  reader(type, (bytes, start, end) => (end - start === 4 ? bytes.readUInt32BE(start) : undefined));
const ipv4 = (type: number): Reader<string> =>
  reader(type, (bytes, start, end) => ipv4Text(bytes.subarray(start, end)));
const ipv6 = (type: number): Reader<string> =>
  reader(type, (bytes, start, end) => ipv6Text(bytes.subarray(start, end)));

export const readUserName = text(ATTRIBUTE.UserName);
export const readNasIpAddress = ipv4(ATTRIBUTE.NasIpAddress);
export const readNasIpv6Address = ipv6(ATTRIBUTE.NasIpv6Address);
export const readNasIdentifier = text(ATTRIBUTE.NasIdentifier);
export const readNasPort = integer(ATTRIBUTE.NasPort);
export const readNasPortId = text(ATTRIBUTE.NasPortId);
/** A number of `NAS_PORT_TYPE`. */
export const readNasPortType = integer(ATTRIBUTE.NasPortType);
export const readCallingStationId = text(ATTRIBUTE.CallingStationId);
export const readCalledStationId = text(ATTRIBUTE.CalledStationId);
export const readConnectInfo = text(ATTRIBUTE.ConnectInfo);
/** A number of `SERVICE_TYPE`. */
export const readServiceType = integer(ATTRIBUTE.ServiceType);
/** Octets that the NAS can carry to the client in one piece (RFC 3579 §2.4). */
export const readFramedMtu = integer(ATTRIBUTE.FramedMtu);
export const readFramedIpAddress = ipv4(ATTRIBUTE.FramedIpAddress);
export const readReplyMessage = text(ATTRIBUTE.ReplyMessage);
export const readSessionTimeoutSeconds = integer(ATTRIBUTE.SessionTimeout);
export const readAcctInterimIntervalSeconds = integer(ATTRIBUTE.AcctInterimInterval);
export const readState = octets(ATTRIBUTE.State);
/** As it stands in the packet (RFC 2865 §5.2). */
export const readHiddenPassword = octets(ATTRIBUTE.UserPassword);
/** RFC 5176 §3.5: a number of the table in error-cause.ts. */
export const readErrorCause = integer(ATTRIBUTE.ErrorCause);
/** RFC 2869 §5.3: the NAS's own clock, as epoch milliseconds. */
export const readEventTimestampMs: Reader<number> = (packet) => {
  const seconds = readEventTimestampSeconds(packet);
  return seconds === undefined ? undefined : seconds * 1_000;
};
const readEventTimestampSeconds = integer(ATTRIBUTE.EventTimestamp);

/** Values of each Class, in order: there may be several (RFC 2865 §5.25). */
export function readClasses(packet: Packet): readonly Buffer[] {
  return valuesOf(packet, ATTRIBUTE.Class);
}

/** Values of each Proxy-State, in order. */
export function readProxyStates(packet: Packet): readonly Buffer[] {
  return valuesOf(packet, ATTRIBUTE.ProxyState);
}

/** RFC 8559 §3.3: opaque octets by which a proxy finds the NAS again. */
export const readOperatorNasIdentifier: Reader<Buffer> = (packet) =>
  valuesOf(packet, ATTRIBUTE.Extended1)
    .find((value) => value[0] === EXTENDED_1.OperatorNasIdentifier && value.length > 1)
    ?.subarray(1);

function valuesOf({ bytes }: Packet, wanted: number): readonly Buffer[] {
  const values: Buffer[] = [];
  for (let at = findAttribute(bytes, wanted); at >= 0; at = findAttribute(bytes, wanted, at + bytes[at + 1]!)) {
    values.push(bytes.subarray(at + ATTRIBUTE_HEADER_OCTETS, at + bytes[at + 1]!));
  }
  return values;
}

/** RFC 3579 §3.1: the EAP packet, put together from its pieces. Empty octets are an EAP-Start (§2.1). */
export function readEapMessage(packet: Packet): Buffer | undefined {
  const pieces = valuesOf(packet, ATTRIBUTE.EapMessage);
  // Most are one piece, which needs no copy.
  return pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
}

/** RFC 5580 §4.1: without the octet that says which registry the name is from; `undefined` when there is no name. */
export const readOperatorName: Reader<string> = (packet) => readNamespacedOperator(packet)?.slice(1) || undefined;
const readNamespacedOperator = text(ATTRIBUTE.OperatorName);

/** RFC 2866 §5.1. */
const ACCOUNTING_KINDS: Readonly<Record<number, AccountingKind>> = {
  1: "start",
  2: "stop",
  3: "interim",
  7: "on",
  8: "off",
};

export const readAccountingKind: Reader<AccountingKind> = (packet) => {
  const status = readAcctStatusType(packet);
  return status === undefined ? undefined : ACCOUNTING_KINDS[status];
};
const readAcctStatusType = integer(ATTRIBUTE.AcctStatusType);

export const readAcctSessionId = text(ATTRIBUTE.AcctSessionId);
/** Seconds that the NAS has been trying to send this record (RFC 2866 §5.2). */
export const readAcctDelaySeconds = integer(ATTRIBUTE.AcctDelayTime);
export const readAcctSessionSeconds = integer(ATTRIBUTE.AcctSessionTime);
/** RFC 2866 §5.10. */
export const readAcctTerminateCause = integer(ATTRIBUTE.AcctTerminateCause);
export const readAcctInputOctets = counter(ATTRIBUTE.AcctInputOctets, ATTRIBUTE.AcctInputGigawords);
export const readAcctOutputOctets = counter(ATTRIBUTE.AcctOutputOctets, ATTRIBUTE.AcctOutputGigawords);

/** RFC 2869 §5.1: gigawords count how often the 32-bit counter has wrapped. Exact up to 2⁵³ octets. */
function counter(low: number, high: number): Reader<number> {
  const readLow = integer(low);
  const readHigh = integer(high);
  return (packet) => {
    const octetCount = readLow(packet);
    return octetCount === undefined ? undefined : (readHigh(packet) ?? 0) * 2 ** 32 + octetCount;
  };
}

/** Cisco-AVPair is attribute 1 of vendor 9, a text `name=value`. */
export function readCiscoAvPairs(packet: Packet): readonly string[] {
  return readVendorValues(packet, VENDOR.Cisco, 1).map((pair) => textOf(pair));
}

const AUDIT_SESSION_ID = Buffer.from("audit-session-id=");

/** The session's name on Cisco and Meraki equipment, which a CoA must repeat. */
export const readAuditSessionId: Reader<string> = (packet) => {
  const pair = findVendorValue(packet, VENDOR.Cisco, 1, AUDIT_SESSION_ID);
  return pair && (textOf(packet.bytes, pair.start + AUDIT_SESSION_ID.length, pair.end) || undefined);
};
