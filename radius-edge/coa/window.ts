/**
 * How many CoAs may be under way, so that neither the network nor our own receive buffer drops what a NAS would have
 * answered, and one dead switch starves nobody (behaviour 5.4 paces above this).
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
const WINDOW = 2_000;
/** For each NAS: what it gets at first, what it earns by answering, and what is left to one that is silent. */
export const NAS_WINDOW = { first: 256, most: 1_024, least: 8 } as const;

interface NasLane {
  limit: number;
  underWay: number;
  /** Those that wait, in order. */
  readonly queue: Set<() => void>;
}

/**
 * Additive increase, multiplicative decrease, as TCP has it (RFC 5681 §3.1). A request that is overdue no longer counts
 * over all NASes: it waits for nobody's sake but its own.
 */
export function createCoaWindow(): CoaWindow {
  const lanes = new Map<string, NasLane>();
  /** NASes with a queue and room of their own, in turn. */
  const ready = new Set<NasLane>();
  let inFlight = 0;

  const offer = (lane: NasLane): void => {
    if (lane.queue.size > 0 && lane.underWay < lane.limit) ready.add(lane);
  };
  const advance = (): void => {
    for (const lane of ready) {
      if (inFlight >= WINDOW) return;
      ready.delete(lane);
      const [begin] = lane.queue;
      if (begin === undefined || lane.underWay >= lane.limit) continue;
      lane.queue.delete(begin);
      offer(lane); // behind the others
      begin();
    }
  };

  return {
    enter(nas, begin) {
      const lane = lanes.get(nas) ?? { limit: NAS_WINDOW.first, underWay: 0, queue: new Set() };
      lanes.set(nas, lane);
      let state: "queued" | "fresh" | "overdue" | "over" = "queued";
      const passage: Passage = {
        overdue() {
          if (state !== "fresh") return;
          state = "overdue";
          inFlight--;
          lane.limit = Math.max(NAS_WINDOW.least, Math.floor(lane.limit / 2));
          advance();
        },
        leave(answered) {
          if (state !== "fresh" && state !== "overdue") return;
          if (state === "fresh") inFlight--;
          state = "over";
          lane.underWay--;
          if (answered) lane.limit = Math.min(NAS_WINDOW.most, lane.limit + 1);
          if (lane.underWay === 0 && lane.queue.size === 0 && lane.limit >= NAS_WINDOW.first) lanes.delete(nas);
          offer(lane);
          advance();
        },
        withdraw() {
          if (state !== "queued") return false;
          state = "over";
          return lane.queue.delete(start);
        },
      };
      const start = (): void => {
        state = "fresh";
        inFlight++;
        lane.underWay++;
        begin(passage);
      };
      lane.queue.add(start);
      offer(lane);
      advance();
      return passage;
    },
  };
}
