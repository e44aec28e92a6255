import type { Static } from "typebox";
import type { RuleId } from "../../domain/identifiers.ts";
import { parseMdmStatus } from "../../domain/label.ts";
import type { ComplianceStatus } from "../../domain/verdict.ts";
import type { Client, ClientFilter, ClientStatus } from "../../store/clients.ts";
import { badRequest } from "../failure.ts";
import type { ClientFilterFields, MistClient } from "../schemas/client.ts";
import { identityFilter } from "./event.ts";
import { macFilter } from "./mac.ts";
import { pathId } from "./parsed.ts";
import { present, seconds } from "./present.ts";
import type { TimeWindow } from "./window.ts";

/** Reads a search's filters; Mist has two names for several of them. Throws ApiFailure 400. */
export function clientFilter(fields: ClientFilterFields, window: TimeWindow): Omit<ClientFilter, "limit" | "before"> {
  const compliance = fields.mdm_compliance ?? fields.mdm_compliance_status;
  const ruleId = fields.nacrule_id ?? fields.last_nacrule_id;
  return {
    ...window,
    ...macFilter(fields.mac),
    identity: identityFilter(fields.identity),
    lastStatus: (fields.last_status ?? fields.status)?.map(statusOf),
    compliance: compliance?.map(complianceOf),
    provider: fields.mdm_provider,
    ruleId: ruleId?.map((id) => pathId<RuleId>("nacrule", id)),
    ruleName: fields.nacrule_name,
    authentication: fields.auth_type,
    portType: fields.type,
    nasVendor: fields.nas_vendor ?? fields.last_nas_vendor,
    ssid: fields.ssid ?? fields.last_ssid,
    vlan: fields.vlan ?? fields.last_vlan ?? fields.last_vlan_id,
    userName: fields.username ?? fields.last_username,
    text: fields.text,
  };
}

/** Mist's schema changed the word between 2509 and 2606: both are understood. */
function statusOf(status: ClientStatus | "session_ended"): ClientStatus {
  return status === "session_ended" ? "session_stopped" : status;
}

function complianceOf(text: string): ComplianceStatus {
  const status = parseMdmStatus(text);
  if (status === undefined)
    throw badRequest("invalidFilter", `mdm_compliance "${text}" is none of compliant, noncompliant, unknown`);
  return status;
}

export function mistClient(client: Client): Static<typeof MistClient> {
  const { evidence, decision, verdict } = client;
  const { certificate, nas } = evidence;
  const vlan = decision.access.kind === "accept" ? decision.access.authorization.vlan : undefined;
  return present({
    mac: client.mac,
    org_id: client.organizationId,
    site_id: nas.siteId,
    type: evidence.portType,
    auth_type: evidence.authentication,
    timestamp: seconds(client.lastSeenAt),
    random_mac: client.randomMac ? ("true" as const) : ("false" as const),
    ssid: listOf(evidence.ssid),
    vlan: listOf(vlan),
    username: [evidence.userName],
    nas_ip: nas.nasIpAddress ?? nas.nasIpv6Address ?? nas.sourceAddress,
    nas_vendor: listOf(evidence.nasVendor),
    port_id: listOf(nas.nasPortId),
    client_ip: listOf(client.clientIp),
    nacrule_id: listOf(decision.rule?.id),
    nacrule_name: listOf(decision.rule?.name),
    nacrule_matched: decision.rule !== undefined,
    cert_cn: listOf(certificate?.commonName),
    cert_issuer: listOf(certificate?.issuer),
    cert_serial: listOf(certificate?.serial),
    cert_subject: listOf(certificate?.subject),
    last_status: client.lastStatus,
    last_ssid: evidence.ssid,
    last_vlan: vlan !== undefined && /^\d+$/.test(vlan) ? Number(vlan) : vlan,
    last_username: evidence.userName,
    last_client_ip: client.clientIp,
    last_port_id: nas.nasPortId,
    last_nas_vendor: evidence.nasVendor,
    last_nacrule_id: decision.rule?.id,
    last_nacrule_name: decision.rule?.name,
    last_cert_cn: certificate?.commonName,
    last_cert_expiry: certificate && seconds(certificate.notAfter),
    last_cert_issuer: certificate?.issuer,
    last_cert_serial: certificate?.serial,
    last_cert_subject: certificate?.subject,
    mdm_compliance: decision.compliance.status,
    mdm_provider: verdict?.source?.kind,
    mdm_account_id: verdict?.source?.accountId,
    identity: client.identity,
  });
}

function listOf(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : [value];
}
