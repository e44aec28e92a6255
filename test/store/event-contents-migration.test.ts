import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { createEmptyDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";

const FOLDER = join(import.meta.dirname, "../../store/migrations");
const ORGANIZATION = "0190b6f4-0000-7000-8000-000000000001";
let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createEmptyDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** The halves of a migration's file. */
function halves(file: string): { readonly up: string; readonly down: string } {
  const [up, down] = readFileSync(join(FOLDER, file), "utf8").split("-- Down Migration");
  return { up: up!, down: down! };
}

const before = async () => {
  const events = await client.query("select id, text, body, decision, evidence_hash from events order by id");
  const clients = await client.query("select mac, evidence, decision from clients order by mac");
  return { events: events.rows, clients: clients.rows };
};

test("what events and clients said before contents were stored apart is there after, and after the way back", async () => {
  const own = "0008_event_contents.sql";
  const earlier = readdirSync(FOLDER).filter((file) => file < own);
  for (const file of earlier.toSorted()) await client.query(halves(file).up);
  await client.query(`
    insert into evidence values ('${ORGANIZATION}', sha256('a'), '{"mac": "1"}');
    insert into events (id, at, organization_id, type, mac, text, body, decision, evidence_hash) values
      (gen_random_uuid(), now(), '${ORGANIZATION}', 'NAC_CLIENT_PERMIT', '00:00:00:00:00:01', 'said', '{"n": 1}', '{"d": 1}', sha256('a')),
      (gen_random_uuid(), now() + interval '1s', '${ORGANIZATION}', 'NAC_CLIENT_PERMIT', '00:00:00:00:00:01', 'said', '{"n": 1}', '{"d": 1}', sha256('a')),
      (gen_random_uuid(), now(), '${ORGANIZATION}', 'NAC_ACCOUNTING_STOP', null, 'stopped', '{"n": 2}', null, null);
    insert into clients select '${ORGANIZATION}', mac, null, false, at, at, at, id, 'permitted', '{"mac": "1"}', '{"d": 1}', null
      from events where mac is not null order by at desc limit 1;
    insert into clients values ('${ORGANIZATION}', '00:00:00:00:00:02', null, false, now(), now(), now(), gen_random_uuid(),
      'denied', '{"mac": "2"}', '{"d": 2}', null);
  `);
  const old = await before();
  const { up, down } = halves(own);
  await client.query(up);
  const { rows } = await client.query(`
    select coalesce(e.text, c.text) as text, coalesce(e.body, c.body) as body from events e
    left join event_contents c on c.organization_id = e.organization_id and c.hash = e.content_hash order by e.id`);
  expect(rows).toEqual(old.events.map(({ text, body }: { text: unknown; body: unknown }) => ({ text, body })));
  const clients = await client.query(`
    select mac, e.evidence, c.decision from clients k
    join event_contents c on c.organization_id = k.organization_id and c.hash = k.content_hash
    join evidence e on e.organization_id = c.organization_id and e.hash = c.evidence_hash order by mac`);
  expect(clients.rows).toEqual(old.clients);
  expect((await client.query("select from event_contents")).rowCount).toBe(2);
  await client.query(down);
  expect(await before()).toEqual(old);
  await client.query(up);
});
