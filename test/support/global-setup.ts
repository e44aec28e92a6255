import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type EmbeddedPostgres } from "../../cli/embedded/postgres.ts";
import { migrate } from "../../store/migrate.ts";
import { guard } from "./guardian.ts";
import { createTemplate } from "./postgres.ts";

/** What the teardown stops: jest loads it in this process, after the last test. */
export interface TestCluster {
  readonly postgres: EmbeddedPostgres;
  readonly guardian: { dismiss(): void };
}

declare global {
  var portcullisTestCluster: TestCluster | undefined;
}

/** One Postgres for the whole run, with a migrated template that tests clone (createDatabase in postgres.ts). */
// oxlint-disable-next-line import/no-default-export -- jest calls the default export, and no other
export default async function startCluster(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-test-"));
  chmodSync(folder, 0o711); // as root, Postgres runs as another user and must pass through
  const postgres = await startPostgres({ stateFolder: folder, durable: false, log: () => undefined });
  globalThis.portcullisTestCluster = { postgres, guardian: guard(postgres.pid, folder) };
  process.env["PORTCULLIS_TEST_POSTGRES"] = postgres.url;
  await migrate(await createTemplate());
}
