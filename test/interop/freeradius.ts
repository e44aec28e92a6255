import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A FreeRADIUS server with a configuration of its own, nothing of the system's. */
export interface FreeRadius {
  /** What it has printed. */
  output(): string;
  close(): Promise<void>;
}

/** Starts one; `sites` are its home servers, realms, clients and virtual servers. */
export async function startFreeRadius(sites: string): Promise<FreeRadius> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-freeradius-"));
  mkdirSync(join(folder, "run"));
  writeFileSync(join(folder, "dictionary"), "");
  writeFileSync(join(folder, "radiusd.conf"), `${ground(folder)}\n${sites}\n`, { mode: 0o600 });
  const server = spawn("freeradius", ["-f", "-l", "stdout", "-d", folder], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (text: Buffer) => (printed += text.toString()));
  const close = async (): Promise<void> => {
    await stop(server);
    rmSync(folder, { recursive: true });
  };
  for (const end = Date.now() + 30_000; !printed.includes("Ready to process requests"); await sleep(50)) {
    if (server.exitCode === null && Date.now() < end) continue;
    await close();
    throw new Error(`FreeRADIUS did not come up: ${printed}`);
  }
  return { output: () => printed, close };
}

const ground = (folder: string): string => `
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = ${folder}
run_dir = ${folder}/run
logdir = ${folder}/run
pidfile = ${folder}/run/freeradius.pid
log {
  destination = stdout
  auth = no
}
security {
  status_server = yes
  allow_vulnerable_openssl = yes
}
modules {
  always ok {
    rcode = ok
  }
  always reject {
    rcode = reject
  }
}
thread pool {
}`;

/** A port of 127.0.0.1 that is free for UDP. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/** What radclient printed, on both streams; its exit code is 0 when every packet was answered as expected. */
export interface RadclientRun {
  readonly succeeded: boolean;
  readonly output: string;
}

/** Sends one packet, its attributes as lines `Name = value`. */
export function radclient(
  server: string,
  command: "auth" | "acct" | "status" | "coa" | "disconnect",
  secret: string,
  attributes: readonly string[],
): Promise<RadclientRun> {
  return new Promise((resolve) => {
    const args = ["-x", "-r", "2", "-t", "5", server, command, secret];
    const child = execFile("radclient", args, (error, stdout, stderr) =>
      resolve({ succeeded: error === null, output: stdout + stderr }),
    );
    child.stdin?.end(`${attributes.join("\n")}\n`);
  });
}

/** Ends a program that a test started, if it has not ended by itself. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}
