import type pg from "pg";
import type { AccountingRecord } from "../domain/record.ts";
import { RECORD_ACCOUNTING } from "./accounting-statement.ts";
import { jsonText } from "./json.ts";
import { nasNames } from "./nas-names.ts";

/** Everything that accounting leaves behind, in one statement and one round trip. */
export function accountingBatch(records: readonly AccountingRecord[]): pg.QueryConfig {
  return { name: "record accounting", text: RECORD_ACCOUNTING, values: [jsonText(records.map(rowOf))] };
}

/** One literal: see authentication-records.ts. */
function rowOf(record: AccountingRecord): Record<string, unknown> {
  const { event, accounting, evidence } = record;
  const names = nasNames(evidence.nas);
  return {
    id: event.id,
    at: new Date(event.at),
    organization_id: evidence.organizationId,
    type: event.type,
    mac: evidence.mac ?? event.mac,
    identity: event.identity,
    text: event.text,
    body: event.body,
    accounting,
    ends: accounting === "stop",
    nas_id: names.nas_id,
    nas_identifier: names.nas_identifier,
    nas_ip_address: names.nas_ip_address,
    nas_ipv6_address: names.nas_ipv6_address,
    nas_name: [names.nas_identifier, names.nas_ip_address, names.nas_ipv6_address].filter(Boolean).join(" "),
    session_id: record.sessionId,
    acct_session_id: evidence.nas.acctSessionId,
    edge_id: record.edgeId,
    evidence,
    accounted_at: new Date(record.at),
    began_at: new Date(record.beganAt),
    ip: record.framedIpAddress,
    end_reason: endReasonOf(record),
  };
}

/** In the words of RFC 2866: the NAS's cause where it gave one, else what told of the end. */
function endReasonOf({ accounting, terminateCause }: AccountingRecord): string | undefined {
  switch (accounting) {
    case "start":
    case "interim":
      return undefined;
    case "stop":
      return terminateCause ?? "Accounting-Stop";
    case "on":
      return "Accounting-On";
    case "off":
      return "Accounting-Off";
  }
}
