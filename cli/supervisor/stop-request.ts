import type { EventEmitter } from "node:events";
import { SECOND_MS } from "../../domain/time.ts";

/** npm passes a Ctrl-C on that the terminal has already sent: two signals, one wish. */
const SAME_WISH_MS = SECOND_MS;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP, and when a parent that opened an IPC channel ends. A later one than a
 * second means that somebody will not wait: `onImpatience` is called. `signals` is this process, but for tests.
 */
export function listenForStop(
  onImpatience: () => void,
  { signals = process as EventEmitter, clock = () => performance.now() } = {},
): AbortSignal {
  const stop = new AbortController();
  let askedAtMs: number | undefined;
  const hear = (): void => {
    if (askedAtMs === undefined) {
      askedAtMs = clock();
      stop.abort();
    } else if (clock() - askedAtMs > SAME_WISH_MS) {
      onImpatience();
    }
  };
  for (const event of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) signals.on(event, hear);
  return stop.signal;
}

/** Resolves when the signal aborts. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
