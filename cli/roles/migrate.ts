import { reveal } from "../../domain/secret.ts";
import { loadConfig } from "../../runtime/config.ts";
import { migrate } from "../../store/migrate.ts";

/** Ends when the schema is this version's; running it again changes nothing. */
export async function runMigrate(env: NodeJS.ProcessEnv): Promise<number> {
  await migrate(reveal(loadConfig(env, "migrate").databaseUrl));
  console.log("the database has this version's schema");
  return 0;
}
