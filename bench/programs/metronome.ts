/**
 * Worker thread: tells when each request is to leave, to some 0.1 ms. Node's own timers count in milliseconds, and a loop
 * that polls the clock would take a core from the servers that share the machine.
 */
import { parentPort, workerData } from "node:worker_threads";

const { perSecond, ms } = workerData as { readonly perSecond: number; readonly ms: number };
const nobodyWakesUs = new Int32Array(new SharedArrayBuffer(4));
/** Milliseconds of the clock that all threads share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

const end = now() + ms;
// Poisson arrivals: exponential gaps.
for (let at = now(); at < end; at += (-Math.log(1 - Math.random()) * 1_000) / perSecond) {
  const waitMs = at - now();
  if (waitMs > 0) Atomics.wait(nobodyWakesUs, 0, 0, waitMs);
  parentPort?.postMessage(at);
}
