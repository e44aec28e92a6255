import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";
import { type ConversationLimits, type Conversations, drop, type EapArrival } from "./conversations.ts";
import { lost, RunningThread, type ThreadLoss } from "./running-thread.ts";
import { LARGEST_PROCESS_ID, stateProcessId } from "./state.ts";
import { createThreadContexts, type ThreadContexts } from "./thread-contexts.ts";

export interface ThreadsOptions {
  readonly count: number;
  /** The script of a thread: `thread.ts`, as it was built. */
  readonly entry: URL;
  /** `processId` is the first thread's, and each has the one after; capacities are those of all threads together. */
  readonly limits: Required<Pick<ConversationLimits, "capacity" | "capacityPerNas">> & ConversationLimits;
  /** A thread has ended unasked. */
  readonly onLost: (loss: ThreadLoss) => void;
  /** A thread that says nothing for so long is ended. */
  readonly stuckAfterMs?: number;
}

/** A NAS asks again after 3 to 5 s: what would wait this long at its first packet is better begun elsewhere. */
const SHED_AFTER_MS = SECOND_MS;
const PING_EVERY_MS = 200;
/** As long as a conversation lives: a thread that is silent for so long has none left that goes on. */
const STUCK_AFTER_MS = 30 * SECOND_MS;
/** Before another thread takes the place of one that ended: a fault at the start must not keep a core busy. */
const PAUSE_MS = SECOND_MS;

/**
 * Conversations in threads of their own: a handshake costs a millisecond or two of cryptography, and while one thread does
 * it the others answer. A conversation stays where it began, since its TLS does: its handle names the thread, as the
 * process id of its State. It begins where its client's MAC address says, for there its earlier session is remembered.
 */
export async function openThreads(options: ThreadsOptions): Promise<Conversations> {
  const { count, limits } = options;
  if (limits.processId + count - 1 > LARGEST_PROCESS_ID) throw new RangeError("no process id is left for each thread");
  const contexts = createThreadContexts((key) => slots.forEach(({ thread }) => thread?.forget(key)));
  const slots = Array.from({ length: count }, (_, index) => openSlot(index, contexts, options));
  const timer = setInterval(() => slots.forEach((slot) => slot.look()), PING_EVERY_MS).unref();
  for (const { thread } of slots) await thread?.started;

  const slotOf = ({ state, context, nas }: EapArrival): Slot => {
    const named = state === undefined ? undefined : (stateProcessId(state) ?? -1) - limits.processId;
    return slots[named ?? -1] ?? slots[hash(context?.mac ?? nas) % count]!;
  };
  return {
    async receive(arrival) {
      const { thread } = slotOf(arrival);
      if (thread === undefined) return lost();
      if (arrival.state === undefined && thread.waitedMs >= SHED_AFTER_MS)
        return drop("full", "The EAP thread is behind with the conversations that it has.");
      return thread.receive(arrival);
    },
    size: () => slots.reduce((sum, { thread }) => sum + (thread?.open ?? 0), 0),
    async close() {
      clearInterval(timer);
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

/** A place for a thread, and for the next one when that ends. */
interface Slot {
  /** `undefined` between the end of one and the start of the next. */
  readonly thread: RunningThread | undefined;
  /** Asks how it is, and ends a thread that does not answer. */
  look(): void;
  close(): Promise<void>;
}

function openSlot(index: number, contexts: ThreadContexts, options: ThreadsOptions): Slot {
  const { count, entry, limits, onLost, stuckAfterMs = STUCK_AFTER_MS } = options;
  let isClosed = false;
  let thread: RunningThread | undefined;
  const share = (capacity: number): number => Math.ceil(capacity / count);
  const start = (): void => {
    const own = {
      ...limits,
      processId: limits.processId + index,
      capacity: share(limits.capacity),
      capacityPerNas: share(limits.capacityPerNas),
    };
    thread = new RunningThread(entry, own, contexts);
    void replaceAtItsEnd(thread);
  };
  const replaceAtItsEnd = async ({ ended }: RunningThread): Promise<void> => {
    const loss = await ended;
    thread = undefined;
    if (isClosed) return;
    onLost(loss);
    await sleep(PAUSE_MS, undefined, { ref: false });
    if (!isClosed) start();
  };
  start();
  return {
    get thread() {
      return thread;
    },
    look() {
      if (thread?.look(stuckAfterMs) === false) void thread.terminate();
    },
    async close() {
      isClosed = true;
      await thread?.terminate();
    },
  };
}

/** FNV-1a, of 32 bits: addresses of one maker differ in few of their digits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
