import type { MacAddress } from "../../domain/mac-address.ts";
import { SECOND_MS } from "../../domain/time.ts";

export interface SessionSchedule {
  /** RFC 2869 §5.16 Acct-Interim-Interval. */
  readonly interimSeconds: number | undefined;
  /** RFC 2865 §5.27 Session-Timeout. */
  readonly timeoutSeconds: number | undefined;
  readonly interim: () => void;
  readonly timeout: () => void;
}

/** The timers of a NAS: two for each session, and those of clients that will be back. */
export class SessionTimers {
  readonly #ofSession = new Map<MacAddress, readonly NodeJS.Timeout[]>();
  readonly #others = new Set<NodeJS.Timeout>();

  /** Replaces what was scheduled for the session. */
  set(mac: MacAddress, { interimSeconds, timeoutSeconds, interim, timeout }: SessionSchedule): void {
    this.clear(mac);
    this.#ofSession.set(mac, [
      ...(interimSeconds === undefined ? [] : [setInterval(interim, interimSeconds * SECOND_MS).unref()]),
      ...(timeoutSeconds === undefined ? [] : [setTimeout(timeout, timeoutSeconds * SECOND_MS).unref()]),
    ]);
  }

  clear(mac: MacAddress): void {
    for (const timer of this.#ofSession.get(mac) ?? []) clearTimeout(timer);
    this.#ofSession.delete(mac);
  }

  after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#others.delete(timer);
      act();
    }, delayMs);
    this.#others.add(timer);
  }

  close(): void {
    for (const mac of this.#ofSession.keys()) this.clear(mac);
    for (const timer of this.#others) clearTimeout(timer);
  }
}
