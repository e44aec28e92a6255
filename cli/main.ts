#!/usr/bin/env node
import { Command } from "commander";
import { explainFailure } from "./failure.ts";
import { tellSupervisor } from "./roles/role.ts";
import { readVersion } from "./version.ts";

// Each command is imported when it is asked for: a role then loads its own floors and no other's.
// The one place where the process ends: every command answers with its exit code or throws.
const exitCode = await run(process.argv, process.env).catch(fail);
process.exit(exitCode);

async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let exitCode = 0;
  const command =
    (does: (...args: never[]) => Promise<number>) =>
    async (...args: unknown[]) => {
      exitCode = await does(...(args as never[]));
    };
  const program = new Command("portcullis")
    .description(
      "Network access control that knows what the MDM knows. Settings are environment variables: see config.",
    )
    .version(readVersion());
  program
    .command("up")
    .description("start everything on this machine: what npm start does")
    .option("--empty", "without the sandbox", false)
    .action(command(async (options: { empty: boolean }) => (await import("./up.ts")).up(env, options)));
  program
    .command("edge")
    .description("answer RADIUS and send CoA")
    .action(command(async () => (await import("./roles/edge.ts")).runEdge(env)));
  program
    .command("api")
    .description("serve the REST API")
    .action(command(async () => (await import("./roles/api.ts")).runApi(env)));
  program
    .command("worker")
    .description("look devices up and enforce")
    .action(command(async () => (await import("./roles/worker.ts")).runWorker(env)));
  program
    .command("relay")
    .description("carry wishes to Temporal")
    .action(command(async () => (await import("./roles/relay.ts")).runRelay(env)));
  program
    .command("migrate")
    .description("bring the database to this version's schema")
    .action(command(async () => (await import("./roles/migrate.ts")).runMigrate(env)));
  program
    .command("config")
    .description("show every setting")
    .action(command(async () => (await import("./commands/config.ts")).showConfig(env)));
  const organization = program.command("organization").description("the tenants of this installation");
  organization
    .command("create <name>")
    .action(
      command(async (name: string) =>
        (await import("./commands/organization.ts")).createOrganizationCommand(env, name),
      ),
    );
  organization
    .command("list")
    .action(command(async () => (await import("./commands/organization.ts")).listOrganizationsCommand(env)));
  program
    .command("token")
    .description("API tokens")
    .command("create")
    .description("make a token and print it: it is shown this once")
    .requiredOption("--organization <id>", "whom it speaks for")
    .requiredOption("--name <name>", "what it is for")
    .action(
      command(async (options: { organization: string; name: string }) =>
        (await import("./commands/token.ts")).createTokenCommand(env, options),
      ),
    );
  await program.parseAsync(argv);
  return exitCode;
}

async function fail(error: unknown): Promise<number> {
  const { sentence, exitCode } = explainFailure(error, process.env["PORTCULLIS_LOG_LEVEL"]);
  console.error(`portcullis: ${sentence}`);
  await tellSupervisor({ kind: "failed", sentence });
  return exitCode;
}
