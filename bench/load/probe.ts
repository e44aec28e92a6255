import { createSocket } from "node:dgram";
import { once } from "node:events";
import { judgeOf } from "./answers.ts";
import { buildRequest, CLIENTS } from "./requests.ts";

const EVERY_MS = 5;
const WITHIN_MS = 120_000;

/** Asks a server that starts, for another client every few milliseconds, until one answer is right. Rejects after two minutes. */
export async function firstAnswer(port: number): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined); // nobody listens yet
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  const judge = judgeOf("accept");
  const sent = new Map<number, Buffer>();
  let client = Math.floor(Math.random() * CLIENTS);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on("message", (answer) => {
        const request = sent.get(answer[1] ?? -1);
        if (request !== undefined && judge(answer, request, true)) resolve();
      });
      const end = performance.now() + WITHIN_MS;
      const ask = (): void => {
        if (performance.now() > end) return reject(new Error(`no right answer within ${WITHIN_MS / 1_000} s`));
        client = (client + 1) % CLIENTS;
        const request = buildRequest(client);
        sent.set(client % 256, request);
        socket.send(request, () => undefined);
        timer = setTimeout(ask, EVERY_MS);
      };
      let timer = setTimeout(ask, 0);
      socket.once("close", () => clearTimeout(timer));
    });
  } finally {
    socket.close();
  }
}
