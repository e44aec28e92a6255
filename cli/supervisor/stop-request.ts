import { SECOND_MS } from "../../domain/time.ts";

/** npm passes a Ctrl-C on that the terminal has already sent: two signals, one wish. */
const SAME_WISH_MS = SECOND_MS;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP. A later one than a second means that somebody will not wait:
 * `onImpatience` is called.
 */
export function listenForStop(onImpatience: () => void): AbortSignal {
  const stop = new AbortController();
  let askedAtMs: number | undefined;
  const hear = (): void => {
    const nowMs = performance.now();
    if (askedAtMs === undefined) {
      askedAtMs = nowMs;
      stop.abort();
    } else if (nowMs - askedAtMs > SAME_WISH_MS) {
      onImpatience();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, hear);
  return stop.signal;
}

/** Resolves when the signal aborts. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
