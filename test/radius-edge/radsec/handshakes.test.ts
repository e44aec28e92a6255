import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createHandshakes, PushedOut } from "../../../radius-edge/radsec/handshakes.ts";
import type { Handshakes } from "../../../radius-edge/radsec/handshakes.ts";

let server: Server;
const clients: Socket[] = [];
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection from there, as the server sees it, and as its client does. */
async function arrive(localAddress: string): Promise<{ readonly socket: Socket; readonly client: Socket }> {
  const { port } = server.address() as AddressInfo;
  const arriving = once(server, "connection");
  const client = connect({ host: "127.0.0.1", port, localAddress });
  clients.push(client.on("error", () => undefined));
  const [socket] = (await arriving) as [Socket];
  socket.on("error", () => undefined);
  return { socket, client };
}

/** Begins those from there, in their order. */
async function begin(handshakes: Handshakes, ...addresses: readonly string[]): Promise<Socket[]> {
  const begun: Socket[] = [];
  for (const address of addresses) {
    const { socket } = await arrive(address);
    handshakes.begin(socket);
    begun.push(socket);
  }
  return begun;
}

const destroyed = (sockets: readonly Socket[]): boolean[] => sockets.map((socket) => socket.destroyed);

test("one source has so many at once: its oldest makes room for its newest, and nobody else's", async () => {
  const handshakes = createHandshakes(9, 2);
  const sockets = await begin(handshakes, "127.0.0.2", "127.0.0.1", "127.0.0.1", "127.0.0.1");
  expect(destroyed(sockets)).toEqual([false, true, false, false]);
  expect(sockets[1]!.errored).toBeInstanceOf(PushedOut);
  // What has ended makes room, and stays.
  handshakes.finish(sockets[2]!);
  sockets.push(...(await begin(handshakes, "127.0.0.1")));
  expect(destroyed(sockets)).toEqual([false, true, false, false, false]);
});

test("all together have so many at once: the oldest of the source that has most makes room", async () => {
  const handshakes = createHandshakes(4, 3);
  const sockets = await begin(handshakes, "127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.4");
  expect(destroyed(sockets)).toEqual([false, true, false, false, false]);
  // Each has one now: then the oldest of all.
  sockets.push(...(await begin(handshakes, "127.0.0.5")));
  expect(destroyed(sockets)).toEqual([true, true, false, false, false, false]);
  // One whose client is gone makes room, too.
  const closed = once(sockets[5]!.resume(), "close");
  clients[5]!.destroy();
  await closed;
  sockets.push(...(await begin(handshakes, "127.0.0.6")));
  expect(destroyed(sockets)).toEqual([true, true, false, false, false, true, false]);
});

test("one that takes too long is closed, however busily it drips; one that has ended in time is not", async () => {
  const handshakes = createHandshakes(2, 2, 300);
  const [slow, quick] = [await arrive("127.0.0.1"), await arrive("127.0.0.1")];
  handshakes.begin(slow.socket);
  handshakes.begin(quick.socket);
  handshakes.finish(quick.socket);
  slow.socket.resume();
  const drip = setInterval(() => slow.client.write("\x16"), 20);
  await once(slow.socket, "close");
  clearInterval(drip);
  expect(quick.socket.destroyed).toBe(false);
  handshakes.close();
  expect(quick.socket.destroyed).toBe(false);
});
