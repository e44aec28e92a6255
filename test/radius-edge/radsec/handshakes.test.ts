import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createHandshakes } from "../../../radius-edge/radsec/handshakes.ts";

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

test("one source has so many at once, and all together so many", async () => {
  const handshakes = createHandshakes(3, 2);
  const [first, second, third] = [await arrive("127.0.0.1"), await arrive("127.0.0.1"), await arrive("127.0.0.1")];
  expect([first, second, third].map(({ socket }) => handshakes.begin(socket))).toEqual([true, true, false]);
  const [other, last] = [await arrive("127.0.0.2"), await arrive("127.0.0.3")];
  expect([other, last].map(({ socket }) => handshakes.begin(socket))).toEqual([true, false]);
  // What has ended, either way, makes room.
  handshakes.finish(first.socket);
  expect(handshakes.begin(third.socket)).toBe(true);
  expect(handshakes.begin(last.socket)).toBe(false);
  const closed = once(other.socket, "close");
  other.client.destroy();
  other.socket.resume();
  await closed;
  expect(handshakes.begin(last.socket)).toBe(true);
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
