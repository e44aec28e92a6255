import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTemporalCli, findTemporalTestServer } from "../../cli/embedded/executables.ts";
import { startPostgres, type EmbeddedPostgres } from "../../cli/embedded/postgres.ts";
import { migrate } from "../../store/migrate.ts";
import { guard } from "./guardian.ts";
import { createTemplate } from "./postgres.ts";
import { rememberTemporal, type Found } from "./temporal.ts";

/** What the teardown stops: jest loads it in this process, after the last test. */
export interface TestCluster {
  readonly postgres: EmbeddedPostgres;
  readonly guardian: { dismiss(): void };
}

declare global {
  var portcullisTestCluster: TestCluster | undefined;
}

/** One Postgres for the whole run, with a migrated template that tests clone, and the two Temporal servers' executables. */
// oxlint-disable-next-line import/no-default-export -- jest calls the default export, and no other
export default async function prepareRun(): Promise<void> {
  const [cli, testServer] = await Promise.all([
    tryToFind(findTemporalCli, process.env["PORTCULLIS_TEMPORAL_CLI"]),
    tryToFind(findTemporalTestServer, process.env["PORTCULLIS_TEMPORAL_TEST_SERVER"]),
    startCluster(),
  ]);
  rememberTemporal(cli, testServer);
}

async function startCluster(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-test-"));
  chmodSync(folder, 0o711); // as root, Postgres runs as another user and must pass through
  const guardian = guard(folder);
  const postgres = await startPostgres({ stateFolder: folder, durable: false, log: say });
  globalThis.portcullisTestCluster = { postgres, guardian };
  process.env["PORTCULLIS_TEST_POSTGRES"] = postgres.url;
  await migrate(await createTemplate());
}

/** A missing executable fails the tests that ask for it, with the reason, and no others. */
async function tryToFind(find: typeof findTemporalCli, explicit: string | undefined): Promise<Found> {
  try {
    return { path: await find({ log: say, ...(explicit === undefined ? {} : { explicit }) }) };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
