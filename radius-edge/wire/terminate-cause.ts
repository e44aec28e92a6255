/** Acct-Terminate-Cause, RFC 2866 §5.10. */
const CAUSES: Readonly<Record<number, string>> = {
  1: "User-Request",
  2: "Lost-Carrier",
  3: "Lost-Service",
  4: "Idle-Timeout",
  5: "Session-Timeout",
  6: "Admin-Reset",
  7: "Admin-Reboot",
  8: "Port-Error",
  9: "NAS-Error",
  10: "NAS-Request",
  11: "NAS-Reboot",
  12: "Port-Unneeded",
  13: "Port-Preempted",
  14: "Port-Suspended",
  15: "Service-Unavailable",
  16: "Callback",
  17: "User-Error",
  18: "Host-Request",
  // RFC 3580 §2.3
  19: "Supplicant-Restart",
  20: "Reauthentication-Failure",
  21: "Port-Reinitialized",
  22: "Port-Administratively-Disabled",
};

/** The cause by name, or its number where it has none. */
export function describeTerminateCause(cause: number | undefined): string | undefined {
  return cause === undefined ? undefined : (CAUSES[cause] ?? `cause ${cause}`);
}
