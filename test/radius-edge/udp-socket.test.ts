import { once } from "node:events";
import { answerTo, bindUdp } from "../../radius-edge/udp-socket.ts";

const PLACE = { host: "127.0.0.1", port: 0, variable: "PORTCULLIS_AUTH_PORT" };
const ANSWER = Buffer.from("answer");

test("an answer reaches who asked", async () => {
  const [server, client] = [await bindUdp(PLACE, () => undefined), await bindUdp(PLACE, () => undefined)];
  const heard = once(client, "message");
  answerTo(client.address(), ANSWER, server);
  expect((await heard)[0]).toEqual(ANSWER);
  server.close();
  client.close();
});

test("a datagram from port 0, which anybody can forge, has no answer and breaks nothing", async () => {
  const server = await bindUdp(PLACE, () => undefined);
  expect(() => answerTo({ address: "127.0.0.1", port: 0 }, ANSWER, server)).not.toThrow();
  server.close();
});

test("an answer that is ready after its socket was closed breaks nothing", async () => {
  const server = await bindUdp(PLACE, () => undefined);
  server.close();
  await once(server, "close");
  expect(() => answerTo({ address: "127.0.0.1", port: 1812 }, ANSWER, server)).not.toThrow();
});
