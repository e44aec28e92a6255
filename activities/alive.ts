import { Context } from "@temporalio/activity";
import { SECOND_MS } from "../domain/time.ts";

/** Several within the time after which Temporal takes an attempt for dead (workflows/ports.ts). */
export const BEAT_EVERY_MS = 3 * SECOND_MS;

/**
 * Tells Temporal, for as long as `work` takes, that this attempt lives: one whose worker was killed is made again within
 * seconds, and need not be waited for. What is over sooner tells nothing.
 */
export async function alive<T>(work: () => Promise<T>): Promise<T> {
  const activity = Context.current();
  const timer = setInterval(() => activity.heartbeat(), BEAT_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
