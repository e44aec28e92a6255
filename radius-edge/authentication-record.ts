import { hash } from "node:crypto";
import { describeAccess } from "../domain/authorization.ts";
import { DECISION_SENTENCES } from "../domain/decision.ts";
import type { Decision } from "../domain/decision.ts";
import type { EventType, NacEvent } from "../domain/event.ts";
import type { Evidence } from "../domain/evidence.ts";
import { uuidV7 } from "../domain/identifiers.ts";
import type { EdgeId, EventId, SessionId } from "../domain/identifiers.ts";
import { isRandomizedMac } from "../domain/mac-address.ts";
import type { AuthenticationRecord } from "../domain/record.ts";
import { strongMappingSids } from "../domain/strong-mapping.ts";
import { VERDICT_SENTENCES } from "../domain/verdict.ts";
import type { FailureReason } from "./authentication.ts";
import type { EapFailure, EapFailureReason } from "./eap/failure.ts";
import { randomOctets } from "./random-octets.ts";

/** A new id for what happened at `now`. */
export function newId<Id extends string>(now: number): Id {
  return uuidV7<Id>(now, randomOctets(10));
}

/** The record of a request that policy decided: event, session and look-up wish, for one transaction. */
export function decidedRecord(facts: {
  readonly id: EventId;
  readonly now: number;
  readonly edgeId: EdgeId;
  readonly sessionId: SessionId;
  readonly evidence: Evidence;
  readonly decision: Decision;
  /** What the answer carried, for Mist's resp_attrs. */
  readonly shown: readonly string[];
  readonly notes: readonly string[];
}): AuthenticationRecord {
  const { evidence, decision, id, now } = facts;
  const isAccepted = decision.access.kind === "accept";
  const event: NacEvent = {
    id,
    at: now,
    organizationId: evidence.organizationId,
    type: isAccepted ? "NAC_CLIENT_PERMIT" : "NAC_CLIENT_DENY",
    mac: evidence.mac,
    identity: decision.identity,
    text: [sentence(decision), ...facts.notes].join(" "),
    body: bodyOf(evidence, { decision, resp_attrs: facts.shown }),
  };
  const { mac } = evidence;
  return {
    kind: "authentication",
    event,
    decided: { evidence, evidenceHash: hashOf(evidence), decision },
    session:
      isAccepted && mac !== undefined
        ? { id: facts.sessionId, edgeId: facts.edgeId, applied: decision.access, mac }
        : undefined,
    lookUpWanted: decision.lookUpWanted,
  };
}

/** The record of a request that failed before policy was asked: an event and nothing else (behaviour 2.1). */
export function failedRecord(facts: {
  readonly id: EventId;
  readonly now: number;
  readonly evidence: Evidence;
  readonly type: EventType;
  readonly reason: FailureReason;
  readonly sentence: string;
}): AuthenticationRecord {
  const { evidence } = facts;
  return {
    kind: "authentication",
    event: {
      id: facts.id,
      at: facts.now,
      organizationId: evidence.organizationId,
      type: facts.type,
      mac: evidence.mac,
      identity: undefined,
      text: facts.sentence,
      body: bodyOf(evidence, { reason: facts.reason }),
    },
    decided: undefined,
    session: undefined,
    lookUpWanted: false,
  };
}

const FAILURE_EVENTS: Readonly<Record<EapFailureReason, EventType>> = {
  certificateExpired: "NAC_CLIENT_CERT_EXPIRED",
  certificateRevoked: "NAC_CLIENT_CERT_REVOKED",
  crlUnavailable: "NAC_CLIENT_CERT_CHECK_FAILURE",
  certificateNotYetValid: "NAC_CLIENT_CERT_CHECK_FAILURE",
  unknownAuthority: "NAC_CLIENT_CERT_CHECK_FAILURE",
  wrongPurpose: "NAC_CLIENT_CERT_CHECK_FAILURE",
  noCertificate: "NAC_CLIENT_CERT_CHECK_FAILURE",
  certificateInvalid: "NAC_CLIENT_CERT_CHECK_FAILURE",
  serverNotTrusted: "NAC_SERVER_CERT_VALIDATION_FAILURE",
  clientAlert: "NAC_CLIENT_DENY",
  noCommonTls: "NAC_CLIENT_DENY",
  methodRefused: "NAC_CLIENT_DENY",
  innerMethodRefused: "NAC_CLIENT_DENY",
  macNotRepeated: "NAC_CLIENT_DENY",
  passwordWrong: "NAC_IDP_AUTHC_FAILURE",
  passwordUnjudged: "NAC_IDP_UNREACHABLE",
  protocolError: "NAC_CLIENT_DENY",
  internalError: "NAC_CLIENT_DENY",
};

/** Mist's event for an EAP failure. */
export function failureEvent(failure: EapFailure): EventType {
  return FAILURE_EVENTS[failure.reason];
}

function hashOf(evidence: Evidence): string {
  return hash("sha256", JSON.stringify(evidence), "hex");
}

function sentence(decision: Decision): string {
  const compliance = `Compliance is ${decision.compliance.status}: ${VERDICT_SENTENCES[decision.compliance.reason]}`;
  if (decision.rule === undefined) return `${DECISION_SENTENCES[decision.reason]} ${compliance}`;
  const done =
    decision.access.kind === "accept" ? `Access allowed (${describeAccess(decision.access)})` : "Access blocked";
  return `${done} by rule "${decision.rule.name}". ${compliance}`;
}

/**
 * The event's fields, Mist's where Mist has them. One literal, absent ones `undefined`: every answer waits for it, and putting it
 * together from parts took longer than deciding.
 */
function bodyOf(
  evidence: Evidence,
  {
    decision,
    reason,
    resp_attrs,
  }: { readonly decision?: Decision; readonly reason?: string; readonly resp_attrs?: readonly string[] },
): NacEvent["body"] {
  const { nas, mac, tls, certificate } = evidence;
  const vlan = decision?.access.kind === "accept" ? decision.access.authorization.vlan : undefined;
  return {
    auth_type: evidence.authentication,
    username: evidence.userName,
    nas_ip: nas.nasIpAddress ?? nas.nasIpv6Address ?? nas.sourceAddress,
    nas_id: nas.nasId,
    nas_vendor: evidence.nasVendor,
    port_type: evidence.portType,
    port_id: nas.nasPortId,
    ssid: evidence.ssid,
    site_id: nas.siteId,
    random_mac: mac !== undefined && isRandomizedMac(mac),
    idp_role: evidence.userLabels,
    tls_version: tls?.version,
    tls_resumed: tls?.resumed,
    cert_cn: certificate?.commonName,
    cert_issuer: certificate?.issuer,
    cert_serial: certificate?.serial,
    cert_subject: certificate?.subject,
    cert_san_dns: certificate?.sanDns,
    cert_san_uri: certificate?.sanUri,
    cert_san_email: certificate?.sanEmail,
    cert_san_upn: certificate?.sanUpn,
    cert_sid: certificate && strongMappingSids(certificate.sanUri),
    cert_expiry: certificate && Math.floor(certificate.notAfter / 1_000),
    vlan,
    vlan_source: vlan === undefined ? undefined : "nactag",
    nacrule_id: decision?.rule?.id,
    nacrule_name: decision?.rule?.name,
    nacrule_matched: decision && decision.rule !== undefined,
    mdm_compliance: decision?.compliance.status,
    mdm_compliance_reason: decision?.compliance.reason,
    policy_version: decision?.policyVersion,
    verdict_revision: decision?.verdictRevision,
    reason,
    resp_attrs,
  };
}
