import { Counter, Gauge } from "prom-client";
import type { Metrics } from "../runtime/metrics.ts";
import { createDurations, createTally } from "../runtime/tally.ts";
import { rejectReasonOf } from "./authentication.ts";
import type { Authentication } from "./authentication.ts";
import { DROP_REASONS } from "./wire/drop-reason.ts";
import type { DropReason } from "./wire/drop-reason.ts";
import type { PacketCode } from "./wire/packet-code.ts";

/** What an edge counts. */
export interface EdgeMetrics {
  dropped(reason: DropReason): void;
  /** `seconds` from arrival to the answer's departure. */
  answered(code: PacketCode, seconds: number): void;
  authenticated(authentication: Authentication, seconds: number): void;
  coa(step: string, outcome: string): void;
}

const ANSWER_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export function createEdgeMetrics(
  registry: Metrics,
  gauges: { readonly journaled: () => number; readonly conversations: () => number },
): EdgeMetrics {
  const registers = [registry];
  const drops = new Counter({
    name: "portcullis_radius_drops_total",
    help: "Datagrams without answer, by reason",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of DROP_REASONS) drops.inc({ reason }, 0);
  const answers = createDurations(registry, {
    name: "portcullis_radius_answer_seconds",
    help: "Time from request to answer, by answer",
    labelName: "code",
    buckets: ANSWER_BUCKETS,
  });
  const coas = new Counter({
    name: "portcullis_coa_total",
    help: "CoA and Disconnect, by step and outcome",
    labelNames: ["step", "outcome"],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read());
      },
    });
  };
  gauge("portcullis_journal_records", "Records that wait in the journal for Postgres", gauges.journaled);
  gauge("portcullis_eap_conversations", "EAP conversations that are open", gauges.conversations);
  return {
    dropped: (reason) => drops.inc({ reason }),
    answered: (code, seconds) => answers.observe(code, seconds),
    authenticated: countAuthentications(registry),
    coa: (step, outcome) => coas.inc({ step, outcome }),
  };
}

/** Rules that are counted by name; a page of metrics must not grow with all that tenants write. */
const MOST_RULES = 1_000;

function countAuthentications(registry: Metrics): EdgeMetrics["authenticated"] {
  const results = createTally(registry, {
    name: "portcullis_authentications_total",
    help: "Authentications that came to an end, by method and result",
    labelNames: ["method", "result"],
  });
  const rejects = createTally(registry, {
    name: "portcullis_rejects_total",
    help: "Authentications that were refused, by method and reason (policy: by the rules)",
    labelNames: ["method", "reason"],
  });
  const durations = createDurations(registry, {
    name: "portcullis_authentication_seconds",
    help: "Time from the last request of an authentication to its answer, by method",
    labelName: "method",
    buckets: ANSWER_BUCKETS,
  });
  const decisions = createTally(registry, {
    name: "portcullis_rule_decisions_total",
    help: "Decisions, by the rule that matched (none: no rule did; other: beyond the first 1,000 rules)",
    labelNames: ["organization", "rule"],
  });
  const named = new Set<string>();
  return (authentication, seconds) => {
    const { evidence, decision } = authentication;
    const method = evidence.authentication;
    results.add(method, decision?.access.kind ?? "reject");
    const reason = rejectReasonOf(authentication);
    if (reason !== undefined) rejects.add(method, reason);
    durations.observe(method, seconds);
    if (decision === undefined) return;
    const rule = decision.rule?.id;
    if (rule !== undefined && named.size < MOST_RULES) named.add(rule);
    const isNamed = rule === undefined || named.has(rule);
    decisions.add(evidence.organizationId, isNamed ? (rule ?? "none") : "other");
  };
}
