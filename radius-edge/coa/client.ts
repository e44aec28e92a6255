import type { CoaOutcome } from "../../domain/coa.ts";
import { Exchange } from "./exchange.ts";
import type { CoaRequest, TakePlace } from "./exchange.ts";
import { coaBusy, STOPPING } from "./outcome.ts";
import { openCoaSocket } from "./socket.ts";
import { createCoaWindow, WINDOW } from "./window.ts";

export interface CoaClient {
  /** Never rejects: what the NAS said, or that it said nothing. */
  send(request: CoaRequest): Promise<CoaOutcome>;
  close(): void;
}

/** How often it is looked at which requests are due: little beside the jitter. */
const SWEEP_MS = 50;
/** Enough that the window, and not the identifiers of a NAS or one socket's receive buffer, is the limit. */
const SOCKETS = Math.ceil(WINDOW / 256);

/**
 * The dynamic authorization client (RFC 5176 §2.3): retransmissions of the same octets, answers believed only with the
 * right authenticator and from the address that was asked. How many are under way is the window's to say.
 */
export async function openCoaClient(host: string): Promise<CoaClient> {
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => openCoaSocket(host)));
  const window = createCoaWindow();
  const pending = new Set<Exchange>();
  let turn = 0;
  /** On the sockets in turn. */
  const takePlace: TakePlace = ({ address, port }) => {
    for (let tried = 0; tried < SOCKETS; tried++) {
      turn = (turn + 1) % SOCKETS;
      const place = sockets[turn]!.take(address, port);
      if (place !== undefined) return place;
    }
    return undefined;
  };
  let isClosed = false;
  let sweeping: NodeJS.Timeout | undefined;
  let sweptAt = 0;
  const sweep = (): void => {
    const now = performance.now();
    const hasStoodStill = now - sweptAt > 2 * SWEEP_MS;
    sweptAt = now;
    for (const exchange of pending) exchange.look(now, hasStoodStill);
    if (pending.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  };
  return {
    send: (request) =>
      new Promise((resolve) => {
        if (isClosed) return resolve(coaBusy(STOPPING));
        const exchange = new Exchange(request, takePlace, (outcome) => {
          pending.delete(exchange);
          resolve(outcome);
        });
        pending.add(exchange);
        if (sweeping === undefined) {
          sweeping = setInterval(sweep, SWEEP_MS);
          sweptAt = performance.now();
        }
        exchange.enter(window);
      }),
    close() {
      isClosed = true;
      for (const exchange of pending) exchange.stop(STOPPING);
      clearInterval(sweeping);
      for (const socket of sockets) socket.close();
    },
  };
}
