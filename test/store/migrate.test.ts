import { join } from "node:path";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { migrate } from "../../store/migrate.ts";
import { createEmptyDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

test("processes that start together all come up: one migrates, the others wait and find it done", async () => {
  await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query("SELECT name, count(*)::int AS times FROM migrations GROUP BY name");
  await client.end();
  expect(rows).toContainEqual({ name: "0001_ground", times: 1 });
  expect(rows.every((row: { times: number }) => row.times === 1)).toBe(true);
});

const ORGANIZATION = "00000000-0000-7000-8000-000000000001";
const NAS = "00000000-0000-7000-8000-000000000002";
/** As the first version left them. */
const ROWS = `
  insert into organizations (id, name, revision) values ('${ORGANIZATION}', 'Acme', 7);
  insert into nases (id, organization_id, name, address, secret_sealed, profile, coa_port)
    values ('${NAS}', '${ORGANIZATION}', 'core', '192.0.2.0/24', 'sealed', 'standard', 3799);
  insert into evidence values ('${ORGANIZATION}', '1', '{"nas": {"nasIpAddress": "192.0.2.1"}}'), ('${ORGANIZATION}', '2', '{"nas": {}}');
  insert into sessions (id, organization_id, mac, edge_id, nas_id, evidence_hash, decision_id, applied, policy_version,
    verdict_revision, accepted_at, last_seen_at)
    select gen_random_uuid(), '${ORGANIZATION}', '02:00:00:00:00:01', gen_random_uuid(), '${NAS}', hash, gen_random_uuid(),
      '{}', 1, 1, now(), now() from evidence;
  insert into events (id, at, organization_id, type, text, body)
    values (gen_random_uuid(), now(), '${ORGANIZATION}', 'NAC_CLIENT_PERMIT', 'Permitted', '{}');`;
/** As only this version can have them. */
const LATER_ROWS = `
  insert into nases (id, organization_id, name, radsec_issuer, radsec_san, profile)
    values (gen_random_uuid(), '${ORGANIZATION}', 'branch', 'CN=NAS CA', 'branch.example', 'standard');
  insert into local_users (id, organization_id, name, name_key, password_hash)
    values (gen_random_uuid(), '${ORGANIZATION}', 'ada', 'ada', 'hash');
  insert into crl_sources (organization_id, url, origin) values ('${ORGANIZATION}', 'http://crl.example/', 'setting');`;

test("a database with rows in it comes up from the first version to this one, back down to the first, and up again", async () => {
  const move = (direction: "up" | "down", count?: number) =>
    runner({
      databaseUrl: database.url,
      dir: join(import.meta.dirname, "../../store/migrations"),
      ignorePattern: "(?!.*\\.sql$).*",
      migrationsTable: "migrations",
      direction,
      ...(count === undefined ? {} : { count }),
      log: () => undefined,
    });
  await move("up", 1);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(ROWS);
    const later = (await move("up")).length;
    const { rows: sessions } = await client.query("select nas_ip_address, origin from sessions order by evidence_hash");
    expect(sessions).toEqual([
      { nas_ip_address: "192.0.2.1", origin: "accepted" },
      { nas_ip_address: null, origin: "accepted" },
    ]);
    await client.query(LATER_ROWS);
    await move("down", later);
    const { rows: nases } = await client.query("select name, coa_port from nases");
    expect(nases).toEqual([{ name: "core", coa_port: 3799 }]);
    await migrate(database.url);
    const { rows: events } = await client.query("select text from events");
    expect(events).toEqual([{ text: "Permitted" }]);
  } finally {
    await client.end();
  }
});
