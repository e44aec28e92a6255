// An EAP thread that does what a client's identity says: `exit`, or `spin <milliseconds>` (`spin` alone: for ever).
import { parentPort } from "node:worker_threads";
import "./eap-thread.mjs";

// Listening begins the flow of messages: only now, when the thread proper listens too.
parentPort.on("message", ({ kind, eap }) => {
  if (kind !== "arrival") return;
  const [word, ms = "Infinity"] = Buffer.from(eap).toString("latin1", 5).split(" ");
  if (word === "exit") process.exit(1);
  if (word === "spin") for (const end = performance.now() + Number(ms); performance.now() < end;);
});
