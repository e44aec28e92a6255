import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { idsOf } from "../../store/ids-statement.ts";
import { createDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  client = new pg.Client({ connectionString: database.url, query_timeout: 2_000 });
  client.on("error", () => undefined);
  await client.connect();
});
afterEach(() => client.end());

const ECHO = { name: "echo", text: "select unnest(array[$1::bytea, $2::bytea])::text" };
const echo = (first: string, second: string) =>
  idsOf(client, { ...ECHO, values: [Buffer.from(first), Buffer.from(second)] });

test("answers with the ids, in their order, the first time and again", async () => {
  expect(await echo("a", "b")).toEqual(["\\x61", "\\x62"]);
  expect(await echo("c", "d")).toEqual(["\\x63", "\\x64"]);
  expect(
    await idsOf(client, { name: "none", text: "select $1::bytea where false", values: [Buffer.alloc(1)] }),
  ).toEqual([]);
});

test("is prepared once for a connection", async () => {
  await echo("a", "b");
  await echo("a", "b");
  const { rows } = await client.query("select name, generic_plans + custom_plans as plans from pg_prepared_statements");
  expect(rows).toEqual([{ name: "echo", plans: "2" }]);
});

test("a fault of Postgres is told with its code, and the connection goes on", async () => {
  const fault = { name: "fault", text: "select 1 / length($1::bytea)" };
  await expect(idsOf(client, { ...fault, values: [Buffer.alloc(0)] })).rejects.toMatchObject({ code: "22012" });
  expect(await idsOf(client, { ...fault, values: [Buffer.alloc(1)] })).toEqual(["1"]);
  await expect(idsOf(client, { name: "wrong", text: "selekt", values: [] })).rejects.toMatchObject({ code: "42601" });
  expect(await echo("a", "b")).toHaveLength(2);
});

test("is not told before it is committed: a constraint that is checked at the end fails it", async () => {
  await client.query("create temp table once (n integer unique deferrable initially deferred)");
  const twice = {
    name: "twice",
    text: "insert into once select length($1::bytea) from generate_series(1, 2) returning n",
  };
  await expect(idsOf(client, { ...twice, values: [Buffer.alloc(1)] })).rejects.toMatchObject({ code: "23505" });
});

const NEVER = { name: "never", text: "select pg_sleep(length($1::bytea))::text", values: [Buffer.alloc(600)] };

test("a connection that says nothing for too long fails it", async () => {
  await expect(idsOf(client, { ...NEVER, values: [...NEVER.values] })).rejects.toThrow("timeout");
});

test("a connection that breaks fails it", async () => {
  const patient = new pg.Client({ connectionString: database.url });
  patient.on("error", () => undefined);
  await patient.connect();
  const { rows } = await patient.query<{ pid: number }>("select pg_backend_pid() as pid");
  const fate = idsOf(patient, { ...NEVER, values: [...NEVER.values] }).catch((error: unknown) => error);
  const running = "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and query like '%pg_sleep%'";
  for (let killed = 0; killed === 0; await sleep(20)) {
    killed = (await client.query(running, [rows[0]?.pid])).rowCount ?? 0;
  }
  expect(await fate).toBeInstanceOf(Error);
});
