import type { EventType } from "../domain/event.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { EventId } from "../domain/identifiers.ts";
import type { AccountingRecord } from "../domain/record.ts";
import type { AccountingKind } from "../domain/session.ts";
import type { AccountingCopies } from "./accounting-copies.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import { newId } from "./authentication-record.ts";
import { readClass } from "./class-attribute.ts";
import { gatherEvidence, macProof } from "./evidence.ts";
import type { Peer } from "./peer.ts";
import { NO_ATTRIBUTES } from "./wire/attribute-block.ts";
import * as read from "./wire/attribute-readers.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Packet } from "./wire/packet.ts";
import { describeTerminateCause } from "./wire/terminate-cause.ts";

const EVENTS: Readonly<Record<AccountingKind, EventType>> = {
  start: "NAC_ACCOUNTING_START",
  interim: "NAC_ACCOUNTING_UPDATE",
  stop: "NAC_ACCOUNTING_STOP",
  on: "NAC_NAS_RESTARTED",
  off: "NAC_NAS_RESTARTED",
};

/**
 * Acct-Delay-Time counts whole seconds (RFC 2866 §5.2): On may be this much older than it says, and what was accepted in
 * between belongs to the NAS's new life. No NAS restarts within a second of an Accept.
 */
const DELAY_STEP_MS = SECOND_MS;

/**
 * RFC 2866: acknowledged only once the record is durable, for the NAS forgets what was acknowledged. The session is
 * found by our Class, else by NAS and Acct-Session-Id, never by port.
 */
export async function answerAccountingRequest(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  copies: AccountingCopies,
): Promise<Answer> {
  const accounting = read.readAccountingKind(request);
  const acctSessionId = read.readAcctSessionId(request);
  const isOfSession = accounting !== "on" && accounting !== "off";
  if (accounting === undefined || (isOfSession && acctSessionId === undefined)) return drop("accounting-incomplete");
  const now = context.now();
  const delaySeconds = read.readAcctDelaySeconds(request);
  const at = now - (delaySeconds ?? 0) * SECOND_MS - (accounting === "on" ? DELAY_STEP_MS : 0);
  const record = recordOf(request, peer, context, { accounting, at, now });
  const sessionSeconds = read.readAcctSessionSeconds(request);
  const said = { accounting, nas: record.evidence.nas, sessionSeconds, delaySeconds };
  const event = { ...record.event, ...copies.keyOf(said, { id: record.event.id, at: now }) };
  context.stays.account(record);
  await context.recorder.record({ ...record, event });
  return { kind: "answer", draft: { code: "Accounting-Response", block: NO_ATTRIBUTES, attributes: [] } };
}

function recordOf(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  facts: { readonly accounting: AccountingKind; readonly at: number; readonly now: number },
): AccountingRecord {
  const { accounting, at, now } = facts;
  const { organizationId, id: nasId, name } = peer.nas;
  // Accounting is believed as far as MAC authentication is: it names a MAC address, and proves none.
  const evidence = gatherEvidence(request, peer, macProof(read.readUserName(request) ?? ""));
  const terminateCause = describeTerminateCause(read.readAcctTerminateCause(request));
  const framedIpAddress = read.readFramedIpAddress(request);
  const seconds = read.readAcctSessionSeconds(request);
  return {
    kind: "accounting",
    accounting,
    evidence,
    edgeId: context.edgeId,
    sessionId: readClass(read.readClasses(request), context.classKey)?.sessionId,
    at,
    beganAt: at - (seconds ?? 0) * SECOND_MS,
    framedIpAddress,
    terminateCause,
    event: {
      id: newId<EventId>(now),
      at: now,
      organizationId,
      type: EVENTS[accounting],
      mac: evidence.mac,
      identity: undefined,
      text: textOf(accounting, name, seconds, terminateCause),
      body: {
        nas_id: nasId,
        nas_ip: evidence.nas.nasIpAddress ?? evidence.nas.nasIpv6Address ?? peer.sourceAddress,
        acct_session_id: evidence.nas.acctSessionId,
        client_ip: framedIpAddress,
        session_seconds: seconds,
        rx_bytes: read.readAcctInputOctets(request),
        tx_bytes: read.readAcctOutputOctets(request),
        terminate_cause: terminateCause,
      },
    },
  };
}

function textOf(kind: AccountingKind, nas: string, seconds: number | undefined, cause: string | undefined): string {
  switch (kind) {
    case "start":
      return `${nas} opened the session.`;
    case "interim":
      return `${nas} reports the session after ${seconds ?? "unknown"} s.`;
    case "stop":
      return `${nas} closed the session after ${seconds ?? "unknown"} s: ${cause ?? "no cause given"}.`;
    case "on":
      return `${nas} has started: its earlier sessions are gone.`;
    case "off":
      return `${nas} is going down: its sessions end.`;
  }
}
