import pg from "pg";
import { createDatabase } from "./postgres.ts";

test("each database is a clone of the migrated template and knows nothing of the others", async () => {
  const databases = await Promise.all([createDatabase(), createDatabase(), createDatabase()]);
  const [first, second] = await Promise.all(databases.slice(0, 2).map(({ url }) => connect(url)));
  await first!.query("CREATE TABLE scratch ()");
  expect((await second!.query("SELECT to_regclass('scratch') AS scratch")).rows).toEqual([{ scratch: null }]);
  expect((await second!.query("SELECT to_regclass('migrations') IS NOT NULL AS migrated")).rows).toEqual([
    { migrated: true },
  ]);
  await Promise.all([first!.end(), second!.end()]);
  await Promise.all(databases.map((database) => database.drop()));
  await expect(connect(databases[0]!.url)).rejects.toMatchObject({ code: "3D000" });
});

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
