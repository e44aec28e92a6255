import type { EdgeId, OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import type { AuthenticationRecord } from "../../domain/record.ts";
import { DAY_MS } from "../../domain/time.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { registerEdge } from "../../store/edges.ts";
import { beginStep } from "../../store/enforcements.ts";
import { createRetention } from "../../store/partitions.ts";
import type { Retention } from "../../store/partitions.ts";
import { FORGET_EVIDENCE } from "../../store/retention.ts";
import { findSession } from "../../store/sessions.ts";
import { evidence, MAC, OTHER_MAC } from "../support/domain-values.ts";
import { accounting, authentication, newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore, untilSomebodyWaits } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const NOW = Date.now();
const THIRD_MAC = parseMac("a4:83:e7:00:00:03")!;
const OLD = NOW - 20 * DAY_MS;

let store: TestStore;
let organizationId: OrganizationId;
let forget: Retention;
beforeEach(async () => {
  store = await openTestStore();
  forget = createRetention(store, { retentionDays: 7 });
  organizationId = await newOrganization(store);
});
afterEach(() => store.close());

/** An Accept under an SSID of its own, and so with evidence of its own. */
function accept(ssid: string, change: { readonly at?: number; readonly mac?: typeof MAC } = {}): AuthenticationRecord {
  const { at = OLD, mac = MAC } = change;
  const nas = { ...evidence().nas, acctSessionId: ssid };
  return authentication(organizationId, { at, evidence: { mac, ssid, nas } });
}

const stop = (accepted: AuthenticationRecord, at: number) =>
  accounting(organizationId, "stop", {
    at,
    mac: accepted.session!.mac,
    acctSessionId: accepted.decided!.evidence.nas.acctSessionId!,
    sessionId: accepted.session!.id,
  });

/** Of the evidence that is kept; what accounting alone told is of "corp". */
async function ssids(): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query<{ ssid: string }>(
    "select evidence ->> 'ssid' as ssid from evidence order by 1",
  );
  return rows.map(({ ssid }) => ssid);
}

const count = async (table: string): Promise<unknown> =>
  (await store.pool.query<{ count: number }>(`select count(*) from ${table}`)).rows[0]!.count;

test("evidence goes with the last that refers to it: an event, a client, or a session of whatever origin keeps it", async () => {
  const ended = accept("ended");
  const open = accept("open", { mac: OTHER_MAC });
  const young = accept("young", { at: NOW });
  await recordBatch(store, [ended, open]);
  await recordBatch(store, [stop(ended, OLD + 1)]);
  await recordBatch(store, [{ ...accept("of the client", { at: OLD + 2 }), session: undefined }]);
  await store.pool.query("update event_contents set written_at = $1", [new Date(OLD)]);
  await recordBatch(store, [
    accounting(organizationId, "start", { at: NOW, mac: THIRD_MAC, acctSessionId: "unknown" }),
  ]);
  expect(await ssids()).toHaveLength(4);

  await forget();
  expect(await ssids()).toEqual(["corp", "of the client", "open"]);
  expect(await findSession(store, organizationId, ended.session!.id)).toBeUndefined();
  expect(await findSession(store, organizationId, open.session!.id)).toMatchObject({ evidence: { ssid: "open" } });

  await recordBatch(store, [young, { ...accept("ended", { at: NOW }), session: undefined }]);
  await forget();
  expect(await ssids()).toEqual(["corp", "ended", "of the client", "open", "young"]);
});

test("sessions that ended before go with their CoA steps; what is open, or was seen since, stays", async () => {
  const [ended, seenSince] = [accept("ended"), accept("seen since", { mac: OTHER_MAC })];
  await recordBatch(store, [ended, seenSince]);
  for (const { session } of [ended, seenSince]) {
    await beginStep(store, {
      sessionId: session!.id,
      organizationId,
      identity: undefined,
      desired: session!.applied,
      revision: 1,
      step: 0,
      stepName: "disconnect",
      sentAt: OLD,
    });
  }
  await recordBatch(store, [stop(ended, OLD + 1), stop(seenSince, NOW)]);
  await forget();
  expect(await findSession(store, organizationId, ended.session!.id)).toBeUndefined();
  expect(await findSession(store, organizationId, seenSince.session!.id)).toBeDefined();
  expect(await count("enforcements")).toBe(1);
});

test("edges that are long dead and restarts that are long over go, those of these days stay", async () => {
  await recordBatch(store, [accept("old")]);
  for (const nonce of [newId<string>(), newId<string>()]) {
    await registerEdge(store, { id: newId<EdgeId>(), internalAddress: "http://127.0.0.1:1", nonce });
  }
  await store.pool.query("update edges set seen_at = $1 where id = (select min(id::text) from edges)::uuid", [
    new Date(OLD),
  ]);
  const restart = `insert into nas_restarts values ($1, $1, $2, 'on', null, $3)`;
  await store.pool.query(restart, [organizationId, "old", new Date(OLD)]);
  await store.pool.query(restart, [organizationId, "young", new Date(NOW)]);
  await forget();
  expect([await count("edges"), await count("nas_restarts")]).toEqual([1, 1]);
});

test("evidence that a record refers to this very moment stays", async () => {
  const old = accept("old");
  await recordBatch(store, [old]);
  await recordBatch(store, [stop(old, OLD + 1)]);
  await recordBatch(store, [{ ...accept("newer", { at: OLD + 2 }), session: undefined }]);
  await store.pool.query("update event_contents set written_at = $1", [new Date(OLD)]);
  const recording = await store.pool.connect();
  try {
    // As one batch of records does it, in one statement: it finds the evidence there, and stores contents that name it.
    await recording.query("begin");
    const { decided } = old;
    await recording.query("insert into evidence values ($1, decode($2, 'hex'), $3) on conflict do nothing", [
      organizationId,
      decided!.evidenceHash,
      decided!.evidence,
    ]);
    await recording.query(
      `insert into event_contents (organization_id, hash, text, body, decision, evidence_hash)
       values ($1, 'another', '', '{}', '{}', decode($2, 'hex'))`,
      [organizationId, decided!.evidenceHash],
    );
    let isCommitted = false;
    const forgotten = (async () => {
      while (!isCommitted) await forget();
      await forget();
    })();
    forgotten.catch(() => undefined);
    await untilSomebodyWaits(store);
    await recording.query("commit");
    isCommitted = true;
    await forgotten;
  } finally {
    recording.release();
  }
  expect(await ssids()).toEqual(["newer", "old"]);
});

/** Events that nobody keeps any more, with a session and evidence that are kept for them alone. */
async function recordWhatIsOver(ssid: string): Promise<void> {
  const over = accept(ssid);
  await recordBatch(store, [over]);
  await recordBatch(store, [stop(over, OLD + 1), { ...accept("of the client", { at: OLD + 2 }), session: undefined }]);
  await store.pool.query("update event_contents set written_at = $1", [new Date(OLD)]);
}

test("evidence that is vacuumed meanwhile holds up nobody, and goes later", async () => {
  await recordWhatIsOver("over");
  const vacuum = await store.pool.connect();
  try {
    await vacuum.query("begin");
    await vacuum.query("lock table evidence in share update exclusive mode");
    await forget();
    await recordBatch(store, [accept("new", { at: NOW, mac: OTHER_MAC })]);
    expect(await count("sessions")).toBe(1);
    expect(await ssids()).toEqual(["new", "of the client", "over"]);
    await vacuum.query("rollback");
  } finally {
    vacuum.release();
  }
  await forget();
  expect(await ssids()).toEqual(["new", "of the client"]);
});

test("what could not be deleted when its events went is deleted by the next call, though no events go then", async () => {
  await forget();
  await recordWhatIsOver("over");
  await store.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'refused by the test'; end $$;
    create trigger refuse before delete on sessions for each statement execute function refuse()`);
  await expect(forget()).rejects.toThrow("refused by the test");
  expect(await count("events")).toBe(0);
  await store.pool.query("drop trigger refuse on sessions");
  await forget();
  expect(await ssids()).toEqual(["of the client"]);
});

test("a process that stops leaves what is not deleted yet, and the next one deletes it", async () => {
  await forget();
  await recordWhatIsOver("over");
  await expect(forget(AbortSignal.abort())).rejects.toThrow("aborted");
  expect(await count("events")).toBe(0);
  expect(await ssids()).toEqual(["of the client", "over"]);
  await createRetention(store, { retentionDays: 7 })();
  expect(await ssids()).toEqual(["of the client"]);
});

test("of grown tables, evidence is looked up by keys while nobody can store any", async () => {
  const { rows } = await store.pool.query<{ "QUERY PLAN": readonly unknown[] }>(
    `explain (generic_plan, format json) ${FORGET_EVIDENCE}`,
  );
  const plan = JSON.stringify(rows);
  for (const index of ["evidence_pkey", "event_contents_evidence", "sessions_evidence"]) expect(plan).toContain(index);
  expect(plan).not.toContain("Seq Scan");
});
