import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Config } from "../../runtime/config.ts";
import { fault, good } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** The ports of RADIUS, while no edge holds them: whether one could. */
export function examinePorts({ host, ports, radsec }: Config): Promise<readonly Finding[]> {
  const udp = [
    [ports.authentication, "PORTCULLIS_AUTH_PORT"],
    [ports.accounting, "PORTCULLIS_ACCT_PORT"],
  ] as const;
  return Promise.all([
    ...udp.map(([port, setting]) => examine(`UDP port ${port} on ${host}`, setting, () => bindUdp(host, port))),
    ...(radsec === undefined
      ? []
      : [examine(`TCP port ${ports.radsec} on ${host}`, "PORTCULLIS_RADSEC_PORT", () => listen(host, ports.radsec))]),
  ]);
}

async function examine(what: string, setting: string, take: () => Promise<void>): Promise<Finding> {
  try {
    await take();
    return good(`${what} is free for an edge`);
  } catch (error) {
    return fault(`${what} cannot be had: ${(error as Error).message}`, `stop what holds it, or set ${setting}`);
  }
}

async function bindUdp(host: string, port: number): Promise<void> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.bind(port, host);
  try {
    await once(socket, "listening");
  } finally {
    socket.close();
  }
}

async function listen(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  server.close();
  await once(server, "close");
}
