import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/** A real edge in a process of its own, so that it can die as machines do. */
export interface KillableEdge {
  /** `host:port` of each socket. */
  readonly authentication: string;
  readonly accounting: string;
  readonly internal: string;
  /** SIGKILL: nothing is flushed, drained or closed. */
  kill(): Promise<void>;
}

const LOADER = pathToFileURL(join(import.meta.dirname, "typescript-loader.mjs")).href;
const REGISTER = `data:text/javascript,import{register}from"node:module";register("${LOADER}")`;

/** A port that nobody uses. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A UDP port of 127.0.0.1 that nobody uses. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/**
 * Starts it on the ports of `env`, where that is silent on ephemeral RADIUS ports, and with as many threads for EAP as that
 * says, else none. Resolves once it answers; rejects when the process ends before.
 */
export async function startKillableEdge(env: Readonly<Record<string, string>>): Promise<KillableEdge> {
  const main = join(import.meta.dirname, "edge-process.ts");
  const child = spawn(process.execPath, ["--import", REGISTER, main], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout! }), "line"),
    ended.then(([code]) => {
      throw new Error(`the edge ended with ${String(code)}`);
    }),
  ])) as [string];
  const addresses = JSON.parse(line) as Pick<KillableEdge, "authentication" | "accounting" | "internal">;
  return {
    ...addresses,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
