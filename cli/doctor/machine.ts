import { createSocket } from "node:dgram";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, mkdir, readFile, statfs } from "node:fs/promises";
import type { Config } from "../../runtime/config.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** What an edge asks for: a burst of some 5,000 requests (radius-edge/udp-socket.ts). */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;

/** This machine: its RADIUS ports, its receive buffers, its disk. */
export async function examineMachine(config: Config, isEdgeAlive: boolean): Promise<readonly Finding[]> {
  const { authentication, accounting } = config.ports;
  const ports = isEdgeAlive
    ? []
    : await Promise.all([authentication, accounting].map((port) => examinePort(config.host, port)));
  return [...ports, await examineBuffers(), await examineDisk(config)];
}

async function examinePort(host: string, port: number): Promise<Finding> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.bind(port, host);
  try {
    await once(socket, "listening");
    return good(`UDP port ${port} on ${host} is free for an edge`);
  } catch (error) {
    const text = `UDP port ${port} on ${host} cannot be had: ${(error as Error).message}`;
    return fault(text, "stop what holds it, or set PORTCULLIS_AUTH_PORT and PORTCULLIS_ACCT_PORT");
  } finally {
    socket.close();
  }
}

async function examineBuffers(): Promise<Finding> {
  const granted = Number(await readFile("/proc/sys/net/core/rmem_max", "utf8").catch(() => "0"));
  if (granted === 0) return good("receive buffers: this system does not say what it grants");
  const text = `receive buffers of up to ${granted} octets`;
  return granted >= RECEIVE_BUFFER_OCTETS
    ? good(text)
    : warning(text, `bursts are lost beyond it: sysctl -w net.core.rmem_max=${RECEIVE_BUFFER_OCTETS}`);
}

async function examineDisk({ stateFolder, journal }: Config): Promise<Finding> {
  try {
    await mkdir(stateFolder, { recursive: true });
    await access(stateFolder, constants.W_OK);
    const { bavail, bsize } = await statfs(stateFolder);
    const free = bavail * bsize;
    const text = `${Math.floor(free / 2 ** 20)} MiB free at ${stateFolder}`;
    return free > journal.maxBytes
      ? good(text)
      : warning(
          text,
          `a journal may grow to ${journal.maxBytes} octets: make room, or lower PORTCULLIS_JOURNAL_MAX_BYTES`,
        );
  } catch (error) {
    return fault(
      `the state folder ${stateFolder} is not usable: ${(error as Error).message}`,
      "set PORTCULLIS_STATE_DIR",
    );
  }
}
