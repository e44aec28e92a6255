import { PassThrough } from "node:stream";
import type { RuleId } from "../../domain/identifiers.ts";
import { decide } from "../../domain/policy.ts";
import { Registry } from "prom-client";
import { createLog } from "../../runtime/log.ts";
import type { Authentication } from "../../radius-edge/authentication.ts";
import { createAuthenticationLog } from "../../radius-edge/authentication-log.ts";
import { createEdgeMetrics } from "../../radius-edge/edge-metrics.ts";
import { evidence, NOW, resultLabel, rule, snapshot } from "../support/domain-values.ts";

const staff = rule("staff", 1, { applyLabels: [resultLabel("corp", "vlan", "20").id] });
const labels = [resultLabel("corp", "vlan", "20")];

function accepted(by = staff): Authentication {
  const seen = evidence({ authentication: "mab" });
  return { evidence: seen, decision: decide(seen, snapshot([by], labels), NOW) };
}

const failed: Authentication = { evidence: evidence(), decision: undefined, reason: "certificateExpired" };

function linesAt(level: string): readonly Record<string, unknown>[] {
  const written = new PassThrough();
  const log = createAuthenticationLog(createLog("edge", level, written));
  log.note(accepted(), 0.001_234);
  log.note(failed, 0.5);
  const text = String(written.read() ?? "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("an authentication is one structured line at level debug, and none above it", () => {
  const { mac, userName, organizationId, nas } = accepted().evidence;
  expect(linesAt("debug")).toEqual([
    expect.objectContaining({
      level: "debug",
      method: "mab",
      result: "accept",
      organization: organizationId,
      mac,
      user: userName,
      rule: staff.id,
      vlan: "20",
      nas: nas.nasId,
      ms: 1.234,
    }),
    expect.objectContaining({ method: "eap-tls", result: "reject", reason: "certificateExpired", ms: 500 }),
  ]);
  expect(linesAt("debug")[0]).not.toHaveProperty("reason");
  expect(linesAt("info")).toEqual([]);
});

test("metrics count authentications by method and result, decisions by rule, and how long each method took", async () => {
  const registry = new Registry();
  const metrics = createEdgeMetrics(registry, { journaled: () => 0, conversations: () => 0 });
  for (const each of [accepted(), accepted(), failed]) metrics.authenticated(each, 0.002);
  const seen = evidence();
  metrics.authenticated({ evidence: seen, decision: decide(seen, snapshot([], []), NOW) }, 0.002);
  const text = await registry.metrics();
  const { organizationId } = accepted().evidence;
  expect(text.match(/^portcullis_rejects_total\{/gm)).toHaveLength(2);
  for (const line of [
    'portcullis_authentications_total{method="mab",result="accept"} 2',
    'portcullis_authentications_total{method="eap-tls",result="reject"} 2',
    'portcullis_rejects_total{method="eap-tls",reason="certificateExpired"} 1',
    'portcullis_rejects_total{method="eap-tls",reason="policy"} 1',
    `portcullis_rule_decisions_total{organization="${organizationId}",rule="${staff.id}"} 2`,
    `portcullis_rule_decisions_total{organization="${organizationId}",rule="none"} 1`,
    'portcullis_authentication_seconds_bucket{le="0.001",method="mab"} 0',
    'portcullis_authentication_seconds_bucket{le="0.0025",method="mab"} 2',
    'portcullis_authentication_seconds_count{method="eap-tls"} 2',
  ]) {
    expect(text).toContain(line);
  }
});

test("a page of metrics names a thousand rules; those beyond are counted as one", async () => {
  const registry = new Registry();
  const metrics = createEdgeMetrics(registry, { journaled: () => 0, conversations: () => 0 });
  for (let i = 0; i < 1_003; i++) metrics.authenticated(accepted({ ...staff, id: `rule ${i}` as RuleId }), 0.002);
  const text = await registry.metrics();
  expect(text.match(/^portcullis_rule_decisions_total\{/gm)).toHaveLength(1_001);
  expect(text).toMatch(/^portcullis_rule_decisions_total\{.*rule="other".*\} 3$/m);
});
