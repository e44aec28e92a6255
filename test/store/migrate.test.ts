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
