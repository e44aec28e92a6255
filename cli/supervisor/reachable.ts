import { isIPv6 } from "node:net";

/** `host:port` at which this machine reaches what listens on `host`: every address means loopback too. */
export function reachableAt(host: string, port: number): string {
  if (host === "0.0.0.0") return `127.0.0.1:${port}`;
  if (host === "::") return `[::1]:${port}`;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
