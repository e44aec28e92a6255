import { runUntilStopped } from "../../runtime/lifecycle.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import type { Log } from "../../runtime/log.ts";
import { createReadiness, whenReady } from "../../runtime/readiness.ts";
import type { Readiness } from "../../runtime/readiness.ts";

/** What a role tells the supervisor that started it, over the IPC channel. */
export type RoleNews = { readonly kind: "ready" } | { readonly kind: "failed"; readonly sentence: string };

/** Resolves once the news has left; at once when nobody supervises this process. */
export function tellSupervisor(news: RoleNews): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(news, () => resolve());
  });
}

/**
 * Starts a role and runs it until it is asked to stop; answers with the exit code. `start` gives the steps that close it,
 * in their order, and says what the role depends on: it is reported ready once all of that answers, and is not ready any
 * more from when it is asked to stop. `within` bounds the closing.
 */
export async function runRole(
  log: Log,
  start: (readiness: Readiness) => Promise<readonly CloseStep[]>,
  within: { readonly deadlineMs?: number } = {},
): Promise<number> {
  const endWithSupervisor = (): never => process.exit(1);
  process.once("disconnect", endWithSupervisor);
  if (process.send !== undefined && !process.connected) endWithSupervisor();
  const stopping = new AbortController();
  const readiness = createReadiness();
  readiness.dependsOn(() => Promise.resolve(stopping.signal.aborted ? "the process is stopping" : undefined));
  const steps = await start(readiness);
  process.off("disconnect", endWithSupervisor);
  const stopped = runUntilStopped(log, [{ name: "readiness", close: () => stopping.abort() }, ...steps], within);
  await whenReady(readiness, stopping.signal);
  if (!stopping.signal.aborted) await tellSupervisor({ kind: "ready" });
  return stopped;
}
