import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../../cli/embedded/postgres.ts";
import type { Service } from "../../cli/embedded/service.ts";
import { startTemporal } from "../../cli/embedded/temporal.ts";
import type { EmbeddedTemporal } from "../../cli/embedded/temporal.ts";
import { migrate } from "../../store/migrate.ts";
import { guard } from "../support/guardian.ts";
import { temporalCli } from "../support/temporal.ts";
import type { Mortal } from "./outage.ts";

const quiet = (): void => undefined;

export interface MortalServer extends Mortal {
  /** URL of a Postgres, `host:port` of a Temporal. */
  readonly address: string;
  /** Ends it for good, files included. */
  close(): Promise<void>;
}

/** A Postgres of the test's own, as durable as in production, with the product's schema: the other tests' goes on. */
export async function openPostgres(): Promise<MortalServer> {
  const stateFolder = newFolder();
  const guardian = guard(stateFolder); // removes the folder, too
  const postgres = await startPostgres({ stateFolder, log: quiet });
  await migrate(postgres.url);
  const port = Number(new URL(postgres.url).port);
  const mortal = mortalOf(postgres, () => startPostgres({ stateFolder, port, log: quiet }));
  return {
    ...mortal,
    address: postgres.url,
    close: async () => {
      await mortal.close();
      guardian.dismiss();
    },
  };
}

/** A Temporal of the test's own, with a database file to come back to. */
export async function openTemporal(): Promise<MortalServer> {
  const stateFolder = newFolder();
  const pidFile = join(stateFolder, "temporal.pid");
  const guardian = guard(stateFolder, pidFile);
  const start = async (ports: { readonly port?: number; readonly uiPort?: number }): Promise<EmbeddedTemporal> => {
    const started = await startTemporal({ ...ports, stateFolder, executable: temporalCli(), log: quiet });
    writeFileSync(pidFile, `${started.pid}\n`);
    return started;
  };
  const temporal = await start({});
  const [port, uiPort] = [temporal.address, new URL(temporal.uiUrl).host].map((at) => Number(at.split(":")[1]));
  const mortal = mortalOf(temporal, () => start({ port: port!, uiPort: uiPort! }));
  return {
    ...mortal,
    address: temporal.address,
    close: async () => {
      await mortal.close();
      rmSync(pidFile);
      guardian.dismiss();
    },
  };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-outage-"));
  chmodSync(folder, 0o711); // as root, Postgres runs as another user and must pass through
  return folder;
}

function mortalOf(first: Service, start: () => Promise<Service>): Mortal & { close(): Promise<void> } {
  let service = first;
  return {
    end: async (how) => {
      if (how === "stopped") return service.stop();
      process.kill(service.pid, "SIGKILL");
      await service.exited;
    },
    restart: async () => {
      service = await start();
    },
    close: () => service.stop(),
  };
}
