#!/usr/bin/env node
import { explainFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import { tellSupervisor } from "./roles/role.ts";

// The one place where the process ends: every command answers with its exit code or throws.
const exitCode = await run().catch(fail);
process.exit(exitCode);

async function run(): Promise<number> {
  let code = 0;
  const program = createProgram(process.env, (answered) => (code = answered));
  await program.parseAsync(process.argv);
  return code;
}

async function fail(error: unknown): Promise<number> {
  const { sentence, exitCode: code } = explainFailure(error, process.env["PORTCULLIS_LOG_LEVEL"]);
  console.error(`portcullis: ${sentence}`);
  await tellSupervisor({ kind: "failed", sentence });
  return code;
}
