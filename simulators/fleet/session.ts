import { randomBytes } from "node:crypto";
import { hyphenatedMac, type MacAddress } from "../../domain/mac-address.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { AccountingKind } from "../../domain/session.ts";
import { NAS_PORT_TYPE } from "../../radius-edge/wire/attribute-type.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import type { PortAuthorization } from "./authorization.ts";
import type { FleetClient } from "./client.ts";

/** Who the NAS says that it is. */
export interface NasIdentity {
  readonly address: string;
  readonly nasIdentifier: string;
}

/** One client's stay on its port. A re-authentication changes the authorization and keeps the rest. */
export interface NasSession {
  readonly client: FleetClient;
  readonly port: number;
  readonly acctSessionId: string;
  /** Cisco's name of the session, kept over re-authentications. */
  readonly auditSessionId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly authorization: PortAuthorization | undefined;
}

export function openSession(client: FleetClient, port: number, now: number): NasSession {
  const id = randomBytes(8).toString("hex").toUpperCase();
  const auditSessionId = randomBytes(12).toString("hex").toUpperCase();
  return { client, port, acctSessionId: id, auditSessionId, startedAt: now, authorization: undefined };
}

/** Locally administered: no real access point's. */
const BSSID = "02005e000111" as MacAddress;
const SSID = "Sandbox";

export function nasAttributes({ address, nasIdentifier }: NasIdentity): readonly Attribute[] {
  const named = write.writeNasAddress(address);
  return [...(named === undefined ? [] : [named]), write.writeNasIdentifier(nasIdentifier)];
}

/** What every packet of a session says of NAS, port and client. Notations are those of RFC 3580 §3.20, §3.21. */
export function sessionAttributes(session: NasSession, nas: NasIdentity): readonly Attribute[] {
  const { client, port, acctSessionId, auditSessionId } = session;
  const isWired = client.port === "wired";
  return [
    ...nasAttributes(nas),
    write.writeNasPort(port),
    write.writeNasPortId(isWired ? `GigabitEthernet1/0/${port}` : `wlan0/${port}`),
    write.writeNasPortType(isWired ? NAS_PORT_TYPE.Ethernet : NAS_PORT_TYPE.Wireless80211),
    write.writeCallingStationId(hyphenatedMac(client.mac)),
    write.writeCalledStationId(isWired ? hyphenatedMac(BSSID) : `${hyphenatedMac(BSSID)}:${SSID}`),
    write.writeAcctSessionId(acctSessionId),
    write.writeCiscoAvPair(`audit-session-id=${auditSessionId}`),
  ];
}

/** The attributes of an Accounting-Request (RFC 2866 §5), Class echoed. Counters grow with the session's age. */
export function accountingAttributes(
  kind: AccountingKind,
  session: NasSession,
  nas: NasIdentity,
  facts: { readonly now: number; readonly terminateCause?: number },
): readonly Attribute[] {
  const { client, authorization, startedAt } = session;
  const seconds = Math.max(0, Math.round((facts.now - startedAt) / SECOND_MS));
  const userName = client.kind === "mab" ? client.mac : client.identity;
  const usage =
    kind === "start"
      ? []
      : [
          write.writeAcctSessionTime(seconds),
          write.writeAcctInputOctets((seconds * INPUT_OCTETS_PER_SECOND) % COUNTER_END),
          write.writeAcctOutputOctets((seconds * OUTPUT_OCTETS_PER_SECOND) % COUNTER_END),
        ];
  return [
    write.writeAccountingKind(kind),
    write.writeUserName(userName),
    ...sessionAttributes(session, nas),
    ...(authorization?.classes ?? []).map(write.writeClass),
    write.writeEventTimestamp(facts.now),
    ...usage,
    ...(facts.terminateCause === undefined ? [] : [write.writeAcctTerminateCause(facts.terminateCause)]),
  ];
}

/** An idle office client's. */
const INPUT_OCTETS_PER_SECOND = 1_200;
const OUTPUT_OCTETS_PER_SECOND = 9_000;
/** RFC 2866 §5.3: the counters are 32 bits wide. */
const COUNTER_END = 2 ** 32;
