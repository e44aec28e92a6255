import { Counter, Gauge } from "prom-client";
import type { Metrics } from "../../runtime/metrics.ts";

/** Why a RadSec connection ended, or never began. */
const ENDS = [
  /** The other end closed it, or the network lost it. */
  "peer",
  /** TLS did not come about: version, certificate, time. */
  "handshake",
  /** As many handshakes were under way as may be, and this was the oldest, of its source or of the fullest. */
  "too-many-handshakes",
  /** No NAS is registered under what its certificate says. */
  "unknown-nas",
  /** As many connections are open as may be, of this NAS or in all. */
  "too-many",
  /** A length that no packet has. */
  "framing",
  /** A packet whose attributes or authenticators are wrong (RFC 6613 §2.6.4). */
  "packet",
  /** The edge stops. */
  "shutdown",
] as const;
export type RadsecEnd = (typeof ENDS)[number];

export interface RadsecMetrics {
  ended(reason: RadsecEnd): void;
}

/** `open`: connections open now. */
export function createRadsecMetrics(registry: Metrics, open: () => number): RadsecMetrics {
  const registers = [registry];
  const ended = new Counter({
    name: "portcullis_radsec_ended_total",
    help: "RadSec connections that ended or were refused, by reason",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of ENDS) ended.inc({ reason }, 0);
  const connections: Gauge = new Gauge({
    name: "portcullis_radsec_connections",
    help: "RadSec connections that are open",
    registers,
    collect: () => connections.set(open()),
  });
  return { ended: (reason) => ended.inc({ reason }) };
}
