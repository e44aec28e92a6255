import { Command } from "commander";
import type { Role } from "../runtime/config.ts";
import { readVersion } from "./version.ts";

type Environment = NodeJS.ProcessEnv;
type Run = (env: Environment) => Promise<number>;

/** Each is imported when it is asked for: a role then loads its own floors and no other's. */
const ROLES: Readonly<Record<Role, { readonly does: string; readonly run: Run }>> = {
  edge: { does: "answer RADIUS and send CoA", run: async (env) => (await import("./roles/edge.ts")).runEdge(env) },
  api: { does: "serve the REST API", run: async (env) => (await import("./roles/api.ts")).runApi(env) },
  worker: {
    does: "look devices up and enforce",
    run: async (env) => (await import("./roles/worker.ts")).runWorker(env),
  },
  relay: { does: "carry wishes to Temporal", run: async (env) => (await import("./roles/relay.ts")).runRelay(env) },
  migrate: {
    does: "bring the database to this version's schema",
    run: async (env) => (await import("./roles/migrate.ts")).runMigrate(env),
  },
};

/** The `portcullis` command. `answer` hears the exit code of the subcommand that ran. */
export function createProgram(env: Environment, answer: (exitCode: number) => void): Command {
  const program = new Command("portcullis")
    .description(
      "Network access control that knows what the MDM knows. Settings are environment variables: see config.",
    )
    .version(readVersion());
  program
    .command("up")
    .description("start everything on this machine: what npm start does")
    .option("--empty", "without the sandbox", false)
    .action(async ({ empty }: { readonly empty: boolean }) => {
      const { up } = await import("./up.ts");
      const { startSandbox } = await import("./sandbox/index.ts");
      answer(await up(env, empty ? undefined : startSandbox));
    });
  for (const [role, { does, run }] of Object.entries(ROLES)) {
    program
      .command(role)
      .description(does)
      .action(async () => answer(await run(env)));
  }
  program
    .command("edge-process <index> <family>", { hidden: true })
    .description("be one of the edges of `portcullis edge`, which starts this")
    .action(async (index: string, family: string) => {
      const { runEdgeProcess } = await import("./roles/edge.ts");
      answer(await runEdgeProcess(env, { index: Number(index), family: Number(family) }));
    });
  program
    .command("config")
    .description("show every setting")
    .action(async () => answer((await import("./commands/config.ts")).showConfig(env)));
  program
    .command("doctor")
    .description("look at everything that an installation stands on, and say how to mend what is not well")
    .action(async () => answer(await (await import("./commands/doctor.ts")).doctorCommand(env)));
  program
    .command("rekey")
    .description("seal every stored secret anew with the first of PORTCULLIS_MASTER_KEYS")
    .action(async () => answer(await (await import("./commands/rekey.ts")).rekeyCommand(env)));
  addOrganizationCommands(program, env, answer);
  addTokenCommands(program, env, answer);
  return program;
}

function addOrganizationCommands(program: Command, env: Environment, answer: (exitCode: number) => void): void {
  const organization = program.command("organization").description("the tenants of this installation");
  organization
    .command("create <name>")
    .description("make one and print its id")
    .action(async (name: string) => {
      const { createOrganizationCommand } = await import("./commands/organization.ts");
      answer(await createOrganizationCommand(env, name));
    });
  organization
    .command("list")
    .description("print id and name of each")
    .action(async () => {
      const { listOrganizationsCommand } = await import("./commands/organization.ts");
      answer(await listOrganizationsCommand(env));
    });
}

function addTokenCommands(program: Command, env: Environment, answer: (exitCode: number) => void): void {
  program
    .command("token")
    .description("API tokens")
    .command("create")
    .description("make a token and print it: it is shown this once")
    .requiredOption("--organization <id>", "whom it speaks for")
    .requiredOption("--name <name>", "what it is for")
    .action(async (options: { organization: string; name: string }) => {
      const { createTokenCommand } = await import("./commands/token.ts");
      answer(await createTokenCommand(env, options));
    });
}
