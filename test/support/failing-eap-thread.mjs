// An EAP thread that does what a client says instead of TLS: `exit`, `spin <milliseconds>` (`spin` alone: for ever), or `where`,
// which tells the thread's number on the channel of that name.
import { BroadcastChannel, parentPort, threadId } from "node:worker_threads";
import "./eap-thread.mjs";

const where = new BroadcastChannel("where");

// Listening begins the flow of messages: only now, when the thread proper listens too.
parentPort.on("message", ({ kind, bytes }) => {
  if (kind !== "message") return;
  const [word, ms = "Infinity"] = Buffer.from(bytes).toString("latin1").split(" ");
  if (word === "exit") process.exit(1);
  if (word === "spin") for (const end = performance.now() + Number(ms); performance.now() < end;);
  if (word === "where") where.postMessage(threadId);
});
