import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** A TCP forwarder that stands for the network, or for a server that stops and starts again. */
export interface SeverableProxy {
  readonly port: number;
  /** Breaks every connection, and refuses new ones as a stopped server does. */
  sever(): Promise<void>;
  /** Listens again on the same port. */
  mend(): Promise<void>;
}

export async function openProxy(target: { readonly host: string; readonly port: number }): Promise<SeverableProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const forward = (near: Socket): void => {
    const far = connect(target);
    for (const socket of [near, far]) keep(socket);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  };
  let server = await listen(forward, 0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sever: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: async () => {
      server = await listen(forward, port);
    },
  };
}

async function listen(onConnection: (socket: Socket) => void, port: number): Promise<Server> {
  const server = createServer(onConnection).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
