import type { NasEvidence } from "../../domain/evidence.ts";
import type { CoaTemplate, SessionIdentifier } from "../nas-profiles.ts";
import {
  writeAcctSessionId,
  writeCallingStationId,
  writeCiscoAvPair,
  writeNasAddress,
  writeNasIdentifier,
  writeNasPort,
  writeNasPortId,
  writeUserName,
} from "../wire/attribute-writers.ts";
import type { Attribute } from "../wire/packet.ts";

/** What names a session at its NAS: in the NAS's own words, from the Access-Request and from accounting. */
export interface CoaSession {
  readonly nas: NasEvidence;
  readonly userName: string;
  readonly acctSessionId?: string | undefined;
}

/** Of the identifiers that the NAS's profile wants, those that the session has; then the template's own attributes. */
export function coaAttributes(template: CoaTemplate, session: CoaSession): readonly Attribute[] {
  const named = template.identify
    .map((name) => IDENTIFIERS[name](session))
    .filter((attribute) => attribute !== undefined);
  return [...named, ...template.attributes];
}

const given =
  <T>(write: (value: T) => Attribute | undefined, read: (session: CoaSession) => T | undefined) =>
  (session: CoaSession): Attribute | undefined => {
    const value = read(session);
    return value === undefined ? undefined : write(value);
  };

const IDENTIFIERS: Readonly<Record<SessionIdentifier, (session: CoaSession) => Attribute | undefined>> = {
  "user-name": given(writeUserName, ({ userName }) => userName),
  "acct-session-id": given(writeAcctSessionId, ({ acctSessionId, nas }) => acctSessionId ?? nas.acctSessionId),
  "calling-station-id": given(writeCallingStationId, ({ nas }) => nas.callingStationId),
  "audit-session-id": given(
    (id: string) => writeCiscoAvPair(`audit-session-id=${id}`),
    ({ nas }) => nas.auditSessionId,
  ),
  "nas-ip-address": given(writeNasAddress, ({ nas }) => nas.nasIpAddress ?? nas.nasIpv6Address),
  "nas-identifier": given(writeNasIdentifier, ({ nas }) => nas.nasIdentifier),
  "nas-port": given(writeNasPort, ({ nas }) => nas.nasPort),
  "nas-port-id": given(writeNasPortId, ({ nas }) => nas.nasPortId),
};
