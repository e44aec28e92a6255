import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { newFamily } from "../../radius-edge/process-id.ts";
import type { SiblingMessage } from "../../radius-edge/siblings.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Config } from "../../runtime/config.ts";
import type { Log } from "../../runtime/log.ts";
import { requireFreePort } from "../embedded/ports.ts";
import { endProcess, identify } from "../embedded/processes.ts";
import { whenExited } from "../embedded/service.ts";
import type { Service } from "../embedded/service.ts";
import { keepRunning } from "../supervisor/keep-running.ts";
import type { Kept } from "../supervisor/keep-running.ts";
import { runRole } from "./role.ts";
import type { RoleNews } from "./role.ts";

/** An edge drains for 20 s at most (runtime/lifecycle.ts). */
const STOP = [
  { signal: "SIGTERM", graceMs: 22 * SECOND_MS },
  { signal: "SIGKILL", graceMs: 5 * SECOND_MS },
] as const;
/** The children's time and what it takes to end those who overstay it. */
const DEADLINE_MS = 30 * SECOND_MS;
const MAIN = join(import.meta.dirname, "../main.js");

/** Runs an edge in each of several processes, all on the same RADIUS ports; one that ends by itself is started again. */
export async function runEdgeProcesses(env: NodeJS.ProcessEnv, config: Config, log: Log): Promise<number> {
  const family = newFamily();
  const children = new Map<number, ChildProcess>();
  const passOn = (message: RoleNews | SiblingMessage): void => {
    if (!("to" in message)) return;
    const child = children.get(message.to);
    if (child?.connected === true) child.send(message);
  };
  const start = (index: number) => async (): Promise<Service> => {
    const child = spawn(
      process.execPath,
      ["--enable-source-maps", MAIN, "edge-process", String(index), String(family)],
      // A process group of its own, so that a Ctrl-C reaches the parent alone; it ends with the parent, as the channel does.
      { env, detached: true, stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" },
    );
    children.set(index, child);
    child.on("message", passOn);
    return untilReady(child);
  };
  return runRole(
    log,
    async () => {
      await requirePorts(config);
      const kept = await startAll(config, start, (line) => log.warn(line));
      log.info({ processes: kept.length }, "the edges answer");
      return [{ name: "edges", close: async () => void (await Promise.all(kept.map(({ stop }) => stop()))) }];
    },
    { deadlineMs: DEADLINE_MS },
  );
}

/** Those who share a port would share it with strangers too, who happen to be allowed to: it must be nobody's yet. */
async function requirePorts({ host, ports, radsec }: Config): Promise<void> {
  const udp = { host, protocol: "udp" } as const;
  await requireFreePort({
    ...udp,
    service: "authentication",
    port: ports.authentication,
    setting: "PORTCULLIS_AUTH_PORT",
  });
  await requireFreePort({ ...udp, service: "accounting", port: ports.accounting, setting: "PORTCULLIS_ACCT_PORT" });
  if (radsec !== undefined)
    await requireFreePort({ host, service: "RadSec", port: ports.radsec, setting: "PORTCULLIS_RADSEC_PORT" });
}

/** All at once. Rejects with the first failure, once every start is through and what has started is stopped. */
async function startAll(
  { edge: { processes } }: Config,
  start: (index: number) => () => Promise<Service>,
  say: (line: string) => void,
): Promise<readonly Kept<Service>[]> {
  const indexes = Array.from({ length: processes }, (_, index) => index);
  const starts = await Promise.allSettled(
    indexes.map((index) => keepRunning({ name: `edge ${index}`, start: start(index), say })),
  );
  const kept = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = starts.find((one) => one.status === "rejected");
  if (failed === undefined) return kept;
  await Promise.all(kept.map(({ stop }) => stop()));
  throw failed.reason;
}

async function untilReady(child: ChildProcess): Promise<Service> {
  const exited = whenExited(child);
  const news = new Promise<RoleNews>((resolve) =>
    child.on("message", (message: RoleNews | SiblingMessage) => {
      if (!("to" in message)) resolve(message);
    }),
  );
  const { pid } = child;
  const identity = pid === undefined ? undefined : identify(pid);
  const first = await Promise.race([news, exited]);
  if (typeof first === "string") throw new Error(first);
  if (first.kind === "failed" || pid === undefined || identity === undefined)
    throw new Error(first.kind === "failed" ? first.sentence : await exited);
  const stop = async (): Promise<void> => {
    await endProcess(identity, STOP);
    const how = await exited;
    if (how !== "exit code 0") throw new Error(`an edge ended with ${how}`);
  };
  return { pid, exited, stop };
}
