import { createBenchProgram } from "./program.ts";

// So that what runs on exit runs: no server outlives a run that is broken off.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

try {
  await createBenchProgram().parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
