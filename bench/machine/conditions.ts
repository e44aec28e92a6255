import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { freeRadiusVersion } from "../servers/freeradius.ts";
import { median } from "../report/statistics.ts";

/** What a run's figures depend on besides the code. */
export type Conditions = Readonly<Record<string, string>>;

/** `folder`: on the disk that Postgres writes to. */
export async function readConditions(folder: string, postgresVersion: string): Promise<Conditions> {
  return {
    CPU: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}`,
    kernel: `Linux ${release()}`,
    Node: process.versions.node,
    Postgres: postgresVersion,
    FreeRADIUS: freeRadiusVersion() ?? "not installed",
    "fdatasync of 8 kB": `${fdatasyncMicroseconds(folder).toFixed(0)} µs (median)`,
    "receive buffer granted for 4 MB": `${((await grantedReceiveBuffer()) / 1024).toFixed(0)} kB`,
    "load averages": loadavg()
      .map((load) => load.toFixed(2))
      .join(" "),
  };
}

const SYNCS = 200;

/** How long the disk takes to have 8 kB, Postgres' page, for sure. */
function fdatasyncMicroseconds(folder: string): number {
  const file = join(folder, "fdatasync");
  const page = Buffer.alloc(8_192, 1);
  const descriptor = openSync(file, "w");
  try {
    const times = Array.from({ length: SYNCS }, (_, i) => {
      const startedAt = performance.now();
      writeSync(descriptor, page, 0, page.length, (i % 16) * page.length);
      fdatasyncSync(descriptor);
      return (performance.now() - startedAt) * 1_000;
    });
    return median(times);
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}

/** socket(7): Linux doubles what was asked for, and never gives more than twice net.core.rmem_max. */
async function grantedReceiveBuffer(): Promise<number> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1_024 * 1_024 });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const granted = socket.getRecvBufferSize();
  socket.close();
  await once(socket, "close");
  return granted;
}
