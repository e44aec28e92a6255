import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../domain/time.ts";
import type { DeviceWorkflows } from "../runtime/device-workflows.ts";
import type { Log } from "../runtime/log.ts";
import { completeWish, postponeWish, takeWishes } from "../store/outbox.ts";
import type { Wish } from "../store/outbox.ts";
import type { Store } from "../store/pool.ts";
import { deliverWish } from "./deliver-wish.ts";
import type { Pace } from "./pace.ts";

export interface WishLoopParts {
  readonly store: Store;
  readonly workflows: DeviceWorkflows;
  readonly pace: Pace;
  readonly log: Log;
  /** Readies Temporal for wishes, at first and after each doubt: why it cannot be reached, if it cannot. */
  readonly prepare: () => Promise<string | undefined>;
  /** Temporal is back, or refused something: what it should hold may be gone. */
  readonly onDoubt: () => void;
}

/** Few at a time: who connects meanwhile comes before those who wait already. */
const TAKEN_AT_ONCE = 15;
/** A relay that dies gives its wishes back after this. Longer than a batch takes, deadlines and pace included. */
const LEASE_MS = 30 * SECOND_MS;
/** The outbox is looked into without a notification too. */
const POLL_MS = SECOND_MS;
const UNAVAILABLE_AT_MOST_MS = 5 * SECOND_MS;
const REFUSED_AT_MOST_MS = 60 * SECOND_MS;

/** Carries wishes to Temporal until stopped. While nobody answers it pauses, and tries with one wish whether that is over. */
export function startWishLoop(parts: WishLoopParts): {
  readonly wake: () => void;
  readonly close: () => Promise<void>;
} {
  const stop = new AbortController();
  const doorbell = createDoorbell();
  const ended = loop(parts, stop.signal, doorbell);
  return {
    wake: doorbell.ring,
    close: () => {
      stop.abort();
      doorbell.ring();
      return ended;
    },
  };
}

async function loop(parts: WishLoopParts, stop: AbortSignal, doorbell: Doorbell): Promise<void> {
  const { log } = parts;
  let outageMs = 0;
  let prepared = false;
  while (!stop.aborted) {
    const wishes = await take(parts, outageMs > 0 ? 1 : TAKEN_AT_ONCE);
    if (wishes.length === 0) {
      await doorbell.heard(POLL_MS);
      continue;
    }
    const unprepared: string | undefined = prepared ? undefined : await parts.prepare();
    const outage: string | undefined = unprepared ?? (await deliverAll(parts, wishes));
    if (unprepared !== undefined) await giveBack(parts, wishes);
    prepared = outage === undefined;
    if (outage !== undefined) {
      if (outageMs === 0) log.warn({ reason: outage }, "Temporal does not answer: wishes wait in the outbox");
      outageMs = Math.min(Math.max(2 * outageMs, SECOND_MS / 2), UNAVAILABLE_AT_MOST_MS);
      await sleep(outageMs, undefined, { signal: stop }).catch(() => undefined);
    } else if (outageMs > 0) {
      log.info("Temporal answers again");
      outageMs = 0;
      parts.onDoubt();
    }
  }
}

/** Postgres may be away as well. */
async function take({ store, log }: WishLoopParts, limit: number): Promise<readonly Wish[]> {
  try {
    return await takeWishes(store, { limit, leaseMs: LEASE_MS });
  } catch (error) {
    log.warn({ err: error }, "the outbox cannot be read");
    return [];
  }
}

/** Why Temporal could not be reached, if it could not. */
async function deliverAll(parts: WishLoopParts, wishes: readonly Wish[]): Promise<string | undefined> {
  const outages = await Promise.all(
    wishes.map(async (wish) => {
      await parts.pace.turn();
      return settle(parts, wish);
    }),
  );
  return outages.find((outage) => outage !== undefined);
}

async function giveBack({ store, log }: WishLoopParts, wishes: readonly Wish[]): Promise<void> {
  try {
    await Promise.all(wishes.map((wish) => postponeWish(store, wish, 0)));
  } catch (error) {
    log.warn({ err: error }, "the outbox cannot be written");
  }
}

async function settle({ store, workflows, log, onDoubt }: WishLoopParts, wish: Wish): Promise<string | undefined> {
  try {
    const delivery = await deliverWish(workflows, wish);
    switch (delivery.kind) {
      case "delivered":
        await completeWish(store, wish);
        return undefined;
      case "unavailable":
        await postponeWish(store, wish, 0);
        return delivery.text;
      case "refused":
        log.error(
          { wish: wish.id, kind: wish.kind, subject: wish.subject, reason: delivery.text },
          "a wish was refused",
        );
        onDoubt();
        await postponeWish(store, wish, Math.min(SECOND_MS * 2 ** Math.min(wish.attempts, 10), REFUSED_AT_MOST_MS));
        return undefined;
    }
  } catch (error) {
    // The lease ends by itself; a wish that was delivered is then delivered again, which changes nothing.
    log.warn({ err: error, wish: wish.id }, "the outbox cannot be written");
    return undefined;
  }
}

interface Doorbell {
  readonly ring: () => void;
  /** Resolves at the next ring, at one that came since the last call, or after `ms`. */
  readonly heard: (ms: number) => Promise<void>;
}

function createDoorbell(): Doorbell {
  let rung = false;
  let answer: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      answer?.();
    },
    heard: async (ms) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          answer = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      answer = undefined;
    },
  };
}
