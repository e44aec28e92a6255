import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnOn } from "../machine/cores.ts";
import { endChild, untilPrinted } from "./child.ts";
import { freeUdpPort } from "./ports.ts";
import type { Server } from "./server.ts";
import { ground } from "./freeradius-ground.ts";

/** How a FreeRADIUS is set up: what stands in its modules and in its one virtual server. */
export interface FreeRadiusSetup {
  readonly name: string;
  readonly modules: string;
  /** Sections of the virtual server. */
  readonly sections: string;
  /** Files of its own folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

const SERVER = "/usr/sbin/freeradius";

/** Debian's packages that the peer needs and this machine lacks. */
export function missingPackages(): readonly string[] {
  return [
    ...(existsSync(SERVER) ? [] : ["freeradius"]),
    ...(existsSync("/usr/lib/freeradius/rlm_sql_postgresql.so") ? [] : ["freeradius-postgresql"]),
  ];
}

/** As `3.2.1`; `undefined` where there is none. */
export function freeRadiusVersion(): string | undefined {
  if (!existsSync(SERVER)) return undefined;
  return /FreeRADIUS Version ([\d.]+)/.exec(execFileSync(SERVER, ["-v"], { encoding: "utf8" }))?.[1];
}

/** Starts one in `folder`, with nothing of the system's configuration. */
export async function startFreeRadius(setup: (folder: string) => FreeRadiusSetup, folder: string): Promise<Server> {
  mkdirSync(join(folder, "run"), { recursive: true });
  const port = await freeUdpPort();
  const { name, modules, sections, files = {} } = setup(folder);
  for (const [file, content] of Object.entries({ dictionary: "", ...files })) {
    writeFileSync(join(folder, file), content, { mode: 0o600 });
  }
  writeFileSync(join(folder, "radiusd.conf"), ground({ folder, port, modules, sections }), { mode: 0o600 });
  const command = ["freeradius", "-f", "-l", "stdout", "-d", folder];
  const child = spawnOn("all", command, { stdio: ["ignore", "pipe", "pipe"] });
  await untilPrinted(child, "Ready to process requests");
  return { name, port, pid: child.pid!, stop: () => endChild(child) };
}
