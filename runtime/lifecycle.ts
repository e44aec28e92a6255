import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../domain/time.ts";
import type { Log } from "./log.ts";

/** One part of a process that must be closed, and its name for the log. */
export interface CloseStep {
  readonly name: string;
  close(): Promise<void> | void;
}

/** Where signals come from: the process, or a test. */
export interface SignalSource {
  on(event: "SIGTERM" | "SIGINT" | "disconnect", listener: () => void): unknown;
}

/** Time for all steps together; Kubernetes kills after 30 s. */
const DEADLINE_MS = 20 * SECOND_MS;

/**
 * Waits for SIGTERM, SIGINT or the end of the parent that started this process with an IPC channel, then closes the
 * steps one after another, in the order given. A step that fails does not keep the next from closing. Resolves to the
 * exit code: 0 when all closed, 1 when one failed or the deadline passed. Later signals change nothing.
 */
export async function runUntilStopped(
  log: Log,
  steps: readonly CloseStep[],
  { deadlineMs = DEADLINE_MS, signals = process as SignalSource } = {},
): Promise<number> {
  const cause = await stopAsked(signals);
  log.info({ cause }, "stopping");
  const abort = new AbortController();
  const late = sleep(deadlineMs, "late" as const, { signal: abort.signal, ref: false }).catch(() => "late" as const);
  let code = 0;
  for (const step of steps) {
    const end = await Promise.race([closeStep(step), late]);
    if (end === "closed") continue;
    code = 1;
    if (end === "late") {
      log.error({ step: step.name, deadlineMs }, "not closed before the deadline");
      break;
    }
    log.error({ step: step.name, err: end.error }, "closing failed");
  }
  abort.abort();
  log.info({ code }, "stopped");
  return code;
}

async function closeStep(step: CloseStep): Promise<"closed" | { readonly error: unknown }> {
  try {
    await step.close();
    return "closed";
  } catch (error) {
    return { error };
  }
}

/** Listeners stay: a second Ctrl-C, or the supervisor's SIGTERM after the terminal's SIGINT, must not cut the drain short. */
function stopAsked(signals: SignalSource): Promise<string> {
  return new Promise((resolve) => {
    signals.on("SIGTERM", () => resolve("SIGTERM"));
    signals.on("SIGINT", () => resolve("SIGINT"));
    signals.on("disconnect", () => resolve("the parent process ended"));
  });
}
