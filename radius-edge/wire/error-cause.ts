/** RFC 5176 §3.5: why a NAS refused, or could not carry out, what it was asked. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [201, "Residual Session Context Removed"],
  [202, "Invalid EAP Packet"],
  [401, "Unsupported Attribute"],
  [402, "Missing Attribute"],
  [403, "NAS Identification Mismatch"],
  [404, "Invalid Request"],
  [405, "Unsupported Service"],
  [406, "Unsupported Extension"],
  [407, "Invalid Attribute Value"],
  [501, "Administratively Prohibited"],
  [502, "Request Not Routable"],
  [503, "Session Context Not Found"],
  [504, "Session Context Not Removable"],
  [505, "Other Proxy Processing Error"],
  [506, "Resources Unavailable"],
  [507, "Request Initiated"],
  [508, "Multiple Session Selection Unsupported"],
]);

/** Those that are acted on, or given, by name. */
export const ERROR_CAUSE = {
  unsupportedAttribute: 401,
  missingAttribute: 402,
  nasIdentificationMismatch: 403,
  unsupportedService: 405,
  sessionContextNotFound: 503,
  requestInitiated: 507,
} as const;

/** `503 Session Context Not Found`; `no Error-Cause` where the NAS gave none. */
export function describeErrorCause(errorCause: number | undefined): string {
  if (errorCause === undefined) return "no Error-Cause";
  return `${errorCause} ${NAMES.get(errorCause) ?? "(unknown Error-Cause)"}`;
}
