/**
 * How many CoAs may be under way, so that neither the network nor our own receive buffer drops what a NAS would have
 * answered, and one dead switch starves nobody.
 */
export interface CoaWindow {
  /** Calls `begin` when there is room, at once where there is; NASes that wait take turns. */
  enter(nas: string, begin: (passage: Passage) => void): Passage;
}

/** One request's way through the window. */
export interface Passage {
  /** The NAS has not answered in the time of one that lives. */
  overdue(): void;
  /** It is over: `answered`, or given up. */
  leave(answered: boolean): void;
  /** Gives up a place in the queue; false when it has begun already. */
  withdraw(): boolean;
}

/** Over all NASes, requests that may still be answered soon: beyond some 2,000 receive buffers overflow (measured). */
export const WINDOW = 2_000;
/**
 * For each NAS: what it gets at first, what it earns by answering, and what is left to one that is silent. Its rate is at most
 * `most` in a round trip; the rest of the window is the others', at the moment too when it dies with all that it has earned.
 */
export const NAS_WINDOW = { first: 256, most: 1_500, least: 8 } as const;

/** Of one NAS. */
interface Lane {
  readonly nas: string;
  limit: number;
  underWay: number;
  /** Those that wait, in order. */
  readonly queue: Set<Entry>;
  /** Goes once along the queue, over those that are taken out of it; to begin anew each time would be to pass those again. */
  readonly order: Iterator<Entry, undefined>;
}

/**
 * Additive increase, multiplicative decrease, as TCP has it (RFC 5681 §3.1). A request that is overdue no longer counts
 * over all NASes: it waits for nobody's sake but its own.
 */
export function createCoaWindow(): CoaWindow {
  const lanes = new Map<string, Lane>();
  /** NASes with a queue and room of their own, in turn. */
  const ready = new Set<Lane>();
  let inFlight = 0;

  const offer = (lane: Lane): void => {
    if (lane.queue.size > 0 && lane.underWay < lane.limit) ready.add(lane);
  };
  const beginReady = (): void => {
    for (const lane of ready) {
      if (inFlight >= WINDOW) return;
      ready.delete(lane);
      if (lane.queue.size === 0 || lane.underWay >= lane.limit) continue;
      const entry = lane.order.next().value!;
      lane.queue.delete(entry);
      inFlight++;
      lane.underWay++;
      offer(lane); // behind the others
      entry.begin();
    }
  };
  let isAdvancing = false;
  /** Those that are over as soon as they begin are followed by the loop, not by calls within calls: thousands may wait. */
  const advance = (lane: Lane): void => {
    offer(lane);
    if (isAdvancing) return;
    isAdvancing = true;
    try {
      beginReady();
    } finally {
      isAdvancing = false;
    }
  };
  const gate: Gate = {
    overdue(lane) {
      inFlight--;
      lane.limit = Math.max(NAS_WINDOW.least, Math.floor(lane.limit / 2));
      advance(lane);
    },
    leave(lane, wasFresh, answered) {
      if (wasFresh) inFlight--;
      lane.underWay--;
      if (answered) lane.limit = Math.min(NAS_WINDOW.most, lane.limit + 1);
      if (lane.underWay === 0 && lane.queue.size === 0 && lane.limit >= NAS_WINDOW.first) lanes.delete(lane.nas);
      advance(lane);
    },
  };

  return {
    enter(nas, begin) {
      const lane = lanes.get(nas) ?? newLane(nas);
      lanes.set(nas, lane);
      const entry = new Entry(lane, gate, begin);
      lane.queue.add(entry);
      advance(lane);
      return entry;
    },
  };
}

function newLane(nas: string): Lane {
  const queue = new Set<Entry>();
  return { nas, limit: NAS_WINDOW.first, underWay: 0, queue, order: queue.values() };
}

/** What the passages of a window do to it. */
interface Gate {
  overdue(lane: Lane): void;
  leave(lane: Lane, wasFresh: boolean, answered: boolean): void;
}

class Entry implements Passage {
  readonly #lane: Lane;
  readonly #gate: Gate;
  readonly #begin: (passage: Passage) => void;
  #state: "queued" | "fresh" | "overdue" | "over" = "queued";

  constructor(lane: Lane, gate: Gate, begin: (passage: Passage) => void) {
    this.#lane = lane;
    this.#gate = gate;
    this.#begin = begin;
  }

  begin(): void {
    this.#state = "fresh";
    this.#begin(this);
  }

  overdue(): void {
    if (this.#state !== "fresh") return;
    this.#state = "overdue";
    this.#gate.overdue(this.#lane);
  }

  leave(answered: boolean): void {
    const state = this.#state;
    if (state !== "fresh" && state !== "overdue") return;
    this.#state = "over";
    this.#gate.leave(this.#lane, state === "fresh", answered);
  }

  withdraw(): boolean {
    if (this.#state !== "queued") return false;
    this.#state = "over";
    return this.#lane.queue.delete(this);
  }
}
