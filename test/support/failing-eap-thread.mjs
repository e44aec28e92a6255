// An EAP thread that does what a client says instead of TLS: `exit`, `spin <milliseconds>` (`spin` alone: for ever), or `where`,
// which tells the thread's number on the channel of that name. What it forgets it tells on the channel `forgotten`.
import { BroadcastChannel, parentPort, threadId } from "node:worker_threads";
import "./eap-thread.mjs";

const where = new BroadcastChannel("where");
const forgotten = new BroadcastChannel("forgotten");

// Listening begins the flow of messages: only now, when the thread proper listens too.
parentPort.on("message", ({ kind, key, bytes }) => {
  if (kind === "forget") forgotten.postMessage(key);
  if (kind !== "message") return;
  const [word, ms = "Infinity"] = Buffer.from(bytes).toString("latin1").split(" ");
  if (word === "exit") process.exit(1);
  if (word === "spin") for (const end = performance.now() + Number(ms); performance.now() < end;);
  if (word === "where") where.postMessage(threadId);
});
