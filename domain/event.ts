import type { EventId, OrganizationId } from "./identifiers.ts";
import type { IdentityKey } from "./identity.ts";
import type { MacAddress } from "./mac-address.ts";

/** Event types: Mist's keys where Mist has one, ours after them; each with the sentence that people read. */
export const EVENT_TITLES = {
  NAC_CLIENT_PERMIT: "NAC Client Access Allowed",
  NAC_CLIENT_DENY: "NAC Client Access Denied",
  NAC_CLIENT_CERT_CHECK_SUCCESS: "Client Certificate Check Succeeded",
  NAC_CLIENT_CERT_CHECK_FAILURE: "Client Certificate Check Failed",
  NAC_CLIENT_CERT_EXPIRED: "Client Certificate Expired",
  NAC_CLIENT_CERT_REVOKED: "Client Certificate Revoked",
  NAC_IDP_AUTHC_FAILURE: "User Name or Password Refused",
  NAC_IDP_UNREACHABLE: "Nobody Could Judge the Password",
  NAC_SERVER_CERT_VALIDATION_FAILURE: "Client Refused the Server Certificate",
  NAC_MDM_LOOKUP_SUCCESS: "MDM Lookup Succeeded",
  NAC_MDM_LOOKUP_FAILURE: "MDM Lookup Failed",
  NAC_MDM_DEVICE_NOT_ENROLLED: "Device Not Enrolled in MDM",
  NAC_CLIENT_COA_REAUTH: "Client Reauthentication by CoA",
  NAC_CLIENT_COA_DISCONNECT: "Client Disconnection by CoA",
  NAC_SESSION_STARTED: "NAC Session Started",
  NAC_SESSION_ENDED: "NAC Session Ended",
  NAC_ACCOUNTING_START: "NAC Accounting Started",
  NAC_ACCOUNTING_UPDATE: "NAC Accounting Updated",
  NAC_ACCOUNTING_STOP: "NAC Accounting Stopped",
  // Ours
  NAC_CLIENT_COA_FAILED: "CoA Failed",
  NAC_CLIENT_ENFORCED: "Client Moved to the Right Network",
  NAC_CLIENT_ENFORCEMENT_WAITS: "Client Will Be Moved When It Re-Authenticates",
  NAC_CLIENT_ENFORCEMENT_FAILED: "Client Could Not Be Moved",
  NAC_NAS_RESTARTED: "NAS Restarted, Sessions Ended",
} as const;
export type EventType = keyof typeof EVENT_TITLES;

/** One line of a client's Insights timeline. `body` holds the Mist fields of the event's type, JSON-safe. */
export interface NacEvent {
  /** UUIDv7 made where the event happened; the key with `at`, so that a second delivery changes nothing. */
  readonly id: EventId;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly organizationId: OrganizationId;
  readonly type: EventType;
  readonly mac: MacAddress | undefined;
  readonly identity: IdentityKey | undefined;
  /** The sentence for people, with the facts of this occurrence. */
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}
