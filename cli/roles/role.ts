import { runUntilStopped } from "../../runtime/lifecycle.ts";
import type { CloseStep } from "../../runtime/lifecycle.ts";
import type { Log } from "../../runtime/log.ts";

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
 * in their order.
 */
export async function runRole(log: Log, start: () => Promise<readonly CloseStep[]>): Promise<number> {
  const endWithSupervisor = (): never => process.exit(1);
  process.once("disconnect", endWithSupervisor);
  if (process.send !== undefined && !process.connected) endWithSupervisor();
  const steps = await start();
  process.off("disconnect", endWithSupervisor);
  const stopped = runUntilStopped(log, steps);
  await tellSupervisor({ kind: "ready" });
  return stopped;
}
