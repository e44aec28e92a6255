/**
 * Worker thread: sends each request at its instant; answers come to the main thread. Node's own timers count in milliseconds,
 * and a loop that polls the clock would take a core from the servers that share the machine.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { now } from "../load/clock.ts";
import { requestIn } from "../load/requests.ts";
import type { Lines } from "../load/senders.ts";
import { HOST, inSequence } from "../load/sequence.ts";

const { server, ports, octets, sentBefore } = workerData as Lines;
/** A wait ends late by some 0.04 ms (measured): the clock is polled for what is left of it, 1 to 4 % of a core at 2,000/s. */
const EARLY_MS = 0.04;
const nobodyWakesUs = new Int32Array(new SharedArrayBuffer(4));

const sockets = await Promise.all(ports.map(shareOf));
parentPort?.postMessage("ready");
const [intended] = (await once(parentPort!, "message")) as [Float64Array];
parentPort?.postMessage(intended.map(sendAt));
for (const socket of sockets) socket.close();

/** Answers with the instant at which it had left. The event loop does not turn between two: `send` leaves it nothing to do. */
function sendAt(at: number, n: number): number {
  const { socket, client } = inSequence(sentBefore + n);
  const request = requestIn(octets, client);
  const waitMs = at - now() - EARLY_MS;
  if (waitMs > 0) Atomics.wait(nobodyWakesUs, 0, 0, waitMs);
  while (now() < at);
  sockets[socket]!.send(request, server, HOST);
  return now();
}

/** A socket at a port that is the main thread's too. */
async function shareOf(port: number): Promise<Socket> {
  // Else Node would look an address up, too, and wait a turn of the loop for it.
  const socket = createSocket({ type: "udp4", reuseAddr: true, lookup: (host, _, found) => found(null, host, 4) });
  await new Promise<void>((resolve) => socket.bind(port, HOST, resolve));
  return socket;
}
