import { createSocket } from "node:dgram";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { platform } from "node:os";
import type { Config } from "../../runtime/config.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** What an edge asks for: a burst of some 5,000 requests (radius-edge/udp-socket.ts). */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;

/** This machine: its receive buffers, its disk. */
export async function examineMachine(config: Config): Promise<readonly Finding[]> {
  return [await examineBuffers(), await examineDisk(config)];
}

/** What the system gives to a socket that asks for so many octets, as an edge does. */
export async function examineBuffers(wanted = RECEIVE_BUFFER_OCTETS): Promise<Finding> {
  const mend = `sysctl -w net.core.rmem_max=${wanted}, and the same in /etc/sysctl.d; then restart the edge`;
  const socket = createSocket({ type: "udp4", recvBufferSize: wanted });
  try {
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    // socket(7): Linux tells the double of what it gives.
    const granted = socket.getRecvBufferSize() / (platform() === "linux" ? 2 : 1);
    const text = `receive buffers of ${granted} octets`;
    return granted >= wanted ? good(text) : warning(`${text}: bursts are lost beyond that`, mend);
  } catch (error) {
    return warning(`receive buffers of ${wanted} octets cannot be had: ${(error as Error).message}`, mend);
  } finally {
    socket.close();
  }
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
