import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createDatabase } from "../support/postgres.ts";

const ROOT = join(import.meta.dirname, "../..");
const TYPES = join(ROOT, "store/database.ts");
const run = promisify(execFile);

/**
 * Column types are generated, so that a migration that breaks a query fails to compile. After a change of
 * store/migrations or store/database.codegen.json: `UPDATE_DATABASE_TYPES=1 npx jest test/store/database.test.ts`.
 */
test("store/database.ts tells the migrated schema as it is", async () => {
  const generated = await generate();
  if (process.env["UPDATE_DATABASE_TYPES"] === "1") writeFileSync(TYPES, generated);
  expect(readFileSync(TYPES, "utf8")).toBe(generated);
});

async function generate(): Promise<string> {
  const database = await createDatabase();
  const folder = mkdtempSync(join(tmpdir(), "portcullis-types-"));
  try {
    const file = join(folder, "database.ts");
    const bin = (name: string): string => join(ROOT, "node_modules/.bin", name);
    const config = join(ROOT, "store/database.codegen.json");
    await run(bin("kysely-codegen"), ["--config-file", config, "--url", database.url, "--out-file", file], {
      cwd: ROOT,
    });
    await run(bin("oxfmt"), ["--config", join(ROOT, ".oxfmtrc.json"), file], { cwd: folder });
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
    await database.drop();
  }
}
