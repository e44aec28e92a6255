import { reveal } from "../../domain/secret.ts";
import { startPostgres } from "../embedded/postgres.ts";
import { startTemporal } from "../embedded/temporal.ts";
import type { Installation } from "./installation.ts";
import { keepRunning } from "./keep-running.ts";

/** The URL of DATABASE_URL, or of the embedded Postgres, which is started. */
export async function providePostgres({ config, progress, step, opened }: Installation): Promise<string> {
  const { databaseUrl, stateFolder, ports } = config;
  if (databaseUrl !== undefined) return reveal(databaseUrl);
  const port = ports.postgres;
  const kept = await step(`Postgres, embedded, on 127.0.0.1:${port}`, () =>
    keepRunning({
      name: "Postgres",
      start: () => startPostgres({ stateFolder, port, log: progress.say }),
      say: progress.say,
      killSignal: "SIGQUIT", // its children end with it, which a SIGKILL would leave to chance
    }),
  );
  opened({ name: "Postgres", close: kept.stop, kill: kept.kill });
  return kept.first.url;
}

/** The server of TEMPORAL_ADDRESS, or the embedded one with its UI, which is started. */
export async function provideTemporal({
  config,
  progress,
  step,
  opened,
}: Installation): Promise<{ readonly address: string; readonly uiUrl: string | undefined }> {
  const { temporal, stateFolder, ports } = config;
  if (!temporal.embedded) return { address: temporal.address, uiUrl: undefined };
  const executable = temporal.cli === undefined ? {} : { executable: temporal.cli };
  const options = { stateFolder, port: ports.temporal, uiPort: ports.temporalUi, ...executable, log: progress.say };
  const kept = await step(`Temporal, embedded, on 127.0.0.1:${ports.temporal}`, () =>
    keepRunning({ name: "Temporal", start: () => startTemporal(options), say: progress.say }),
  );
  opened({ name: "Temporal", close: kept.stop, kill: kept.kill });
  return kept.first;
}
