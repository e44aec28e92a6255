import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** A port that something of ours is about to listen on. */
export interface WantedPort {
  readonly port: number;
  /** What wants it, for the error. */
  readonly service: string;
  /** The environment variable that changes it. */
  readonly setting: string;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** TCP when absent. */
  readonly protocol?: "tcp" | "udp";
}

/** Below the ports that Linux and macOS hand out by themselves: until we listen, no connection takes one of these. */
const FREE_PORTS = { first: 20_000, end: 32_000 };
const TRIES = 100;

/** A loopback TCP port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await listenOnce(randomInt(FREE_PORTS.first, FREE_PORTS.end), "127.0.0.1");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || tries === TRIES) throw error;
    }
  }
}

/** Throws when the port cannot be had, naming it, who wanted it, and the variable that changes it. */
export async function requireFreePort(wanted: WantedPort): Promise<void> {
  const { port, service, setting, host = "127.0.0.1", protocol = "tcp" } = wanted;
  try {
    await (protocol === "tcp" ? listenOnce(port, host) : bindOnce(port, host));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = code === "EADDRINUSE" ? "another program listens there" : `it cannot be opened (${code})`;
    throw new Error(
      `${service} cannot use ${protocol === "udp" ? "UDP " : ""}port ${port} on ${host}: ${cause}; ` +
        `stop that program or set ${setting} to another port`,
      { cause: error },
    );
  }
}

function listenOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port, host, exclusive: true }, () => {
      const { port: bound } = probe.address() as AddressInfo;
      probe.close(() => resolve(bound));
    });
  });
}

async function bindOnce(port: number, host: string): Promise<void> {
  const probe = createSocket(host.includes(":") ? "udp6" : "udp4");
  probe.bind({ port, address: host, exclusive: true });
  await once(probe, "listening");
  probe.close();
  await once(probe, "close");
}
