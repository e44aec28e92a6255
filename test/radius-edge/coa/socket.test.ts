import { createSocket } from "node:dgram";
import { once } from "node:events";
import { openCoaSocket } from "../../../radius-edge/coa/socket.ts";
import type { CoaSocket, Place } from "../../../radius-edge/coa/socket.ts";

const closing: { close(): void }[] = [];
afterEach(() => closing.splice(0).forEach((part) => part.close()));

async function openSocket(): Promise<CoaSocket> {
  const socket = await openCoaSocket("127.0.0.1");
  closing.push(socket);
  return socket;
}

function takeAll(socket: CoaSocket, port = 3799): readonly Place[] {
  return Array.from({ length: 256 }, () => socket.take("192.0.2.1", port)!);
}

test("a NAS has 256 places on a socket, each with an identifier of its own, and other NASes have theirs", async () => {
  const socket = await openSocket();
  const places = takeAll(socket);
  expect(new Set(places.map(({ identifier }) => identifier)).size).toBe(256);
  expect(socket.take("192.0.2.1", 3799)).toBeUndefined();
  expect(socket.take("192.0.2.1", 1700)).toBeDefined();
  expect(socket.take("192.0.2.2", 3799)).toBeDefined();
});

test("an identifier is not used again as long as others have been free for longer", async () => {
  const socket = await openSocket();
  const used = Array.from({ length: 256 }, () => {
    const place = socket.take("192.0.2.1", 3799)!;
    place.release();
    return place.identifier;
  });
  expect(new Set(used).size).toBe(256);
});

test("what one NAS leaves free is found, however few and wherever they are", async () => {
  const socket = await openSocket();
  const places = takeAll(socket);
  for (const freed of [200, 3]) places[freed]!.release();
  const again = [socket.take("192.0.2.1", 3799)!, socket.take("192.0.2.1", 3799)!];
  expect(again.map(({ identifier }) => identifier).toSorted((a, b) => a - b)).toEqual([3, 200]);
  expect(socket.take("192.0.2.1", 3799)).toBeUndefined();
});

test("an answer goes to who listens under its identifier, until the place is released", async () => {
  const socket = await openSocket();
  const nas = createSocket("udp4");
  closing.push(nas);
  nas.on("message", (datagram, peer) => nas.send(datagram, peer.port, peer.address));
  nas.bind(0, "127.0.0.1");
  await once(nas, "listening");
  const heard: string[] = [];
  const take = (name: string): Place => {
    const place = socket.take("127.0.0.1", nas.address().port)!;
    place.listen((datagram) => heard.push(`${name} ${datagram[1]! - place.identifier}`));
    return place;
  };
  const [gone, stays] = [take("gone"), take("stays")];
  gone.release();
  for (const place of [gone, stays]) place.send(Buffer.from([44, place.identifier]));
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(heard).toEqual(["stays 0"]);
});
