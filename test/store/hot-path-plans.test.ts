import { accountingBatch } from "../../store/accounting-records.ts";
import { authenticationBatch } from "../../store/authentication-records.ts";
import { repeatBatch } from "../../store/repeat-records.ts";
import { nasId, organizationId } from "../support/domain-values.ts";
import { openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  // Grown, but not yet analyzed: as minutes after the first start, when the first rush is on.
  await store.pool.query(
    `insert into sessions (id, organization_id, mac, identity, edge_id, nas_id, evidence_hash, decision_id, applied,
       policy_version, verdict_revision, accepted_at, last_seen_at)
     select gen_random_uuid(), $1, lpad(to_hex(n), 12, '0')::macaddr, 'mac:' || n, $2, $2, '', $2, '{}', 1, 1, now(), now()
     from generate_series(1, 5000) as n`,
    [organizationId, nasId],
  );
});
afterAll(() => store.close());

const statements = [
  ["authentications", authenticationBatch([]).text, 5],
  ["repeats", repeatBatch([]).text, 2],
  ["accounting", accountingBatch([]).text, 5],
] as const;

/**
 * What broke once: the plan read every open session for every record, and 1,000 records took seconds. To mend: look at
 * the whole plan with `explain (generic_plan)`, and at the note on plans in store/authentication-records.ts.
 */
test.each(statements)("of grown tables, %s reads rows by their keys and nothing else", async (_, text, atLeast) => {
  const { rows } = await store.pool.query<{ "QUERY PLAN": readonly unknown[] }>(
    `explain (generic_plan, format json) ${text}`,
  );
  const scans = scansIn(rows[0]!["QUERY PLAN"]);
  expect(scans.length).toBeGreaterThanOrEqual(atLeast);
  expect(scans.filter((scan) => scan["Index Cond"] === undefined)).toEqual([]);
  expect(scans.map((scan) => scan["Node Type"]).filter((type) => !/^Index (Only )?Scan$/.test(type))).toEqual([]);
  // Of this index the planner takes its first column alone, and walks all open sessions of an organization for each record.
  expect(scans.map((scan) => scan["Index Name"])).not.toContain("sessions_open_identity");
});

/**
 * What broke once: a session that is looked for by NAS and Acct-Session-Id was found by walking all open sessions of the
 * NAS, and 1,000 Starts took five seconds. To mend: keep `ended_at is null` out of look-ups that have another key.
 */
test("only a restart walks the open sessions of a NAS", async () => {
  const { rows } = await store.pool.query<{ "QUERY PLAN": readonly unknown[] }>(
    `explain (generic_plan, format json) ${accountingBatch([]).text}`,
  );
  const indexes = scansIn(rows[0]!["QUERY PLAN"]).map((scan) => scan["Index Name"]);
  expect(indexes.filter((index) => index === "sessions_open_nas")).toHaveLength(1);
});

interface Scan {
  readonly "Node Type": string;
  readonly "Relation Name": string;
  readonly "Index Cond"?: string;
  readonly "Index Name"?: string;
}

/** Every node of a plan that reads a table. */
function scansIn(node: unknown): readonly Scan[] {
  if (typeof node !== "object" || node === null) return [];
  const below = Object.values(node).flatMap(scansIn);
  const reads = "Relation Name" in node && "Node Type" in node && String(node["Node Type"]).endsWith("Scan");
  return reads ? [node as Scan, ...below] : below;
}
