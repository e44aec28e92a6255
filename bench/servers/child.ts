import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const READY_WITHIN_MS = 120_000;

/** Resolves once the process has printed `sign`; rejects, with what it printed, when it ends before. */
export async function untilPrinted(child: ChildProcess, sign: string): Promise<void> {
  let printed = "";
  const hear = (text: Buffer): void => void (printed = (printed + text.toString()).slice(-20_000));
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", hear);
  for (const end = performance.now() + READY_WITHIN_MS; !printed.includes(sign); await sleep(5)) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded && performance.now() < end) continue;
    child.kill("SIGKILL");
    // FreeRADIUS tells how it connects.
    throw new Error(
      `a server did not get ready; it printed:\n${printed.replaceAll(/password=[^\s"]+/g, "password=…")}`,
    );
  }
  // What it prints from here on is read and forgotten: a full pipe would stop it.
  for (const stream of [child.stdout, child.stderr]) stream?.off("data", hear).resume();
}

/** Sends `signal` and waits for the end. Safe to repeat. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
