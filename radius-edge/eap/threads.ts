import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../domain/time.ts";
import type { ConversationLimits } from "./conversation-limits.ts";
import { type Conversations, openConversations } from "./conversations.ts";
import { watchLoop } from "./pace.ts";
import { LOOK_EVERY_MS, LOST_ENGINE, RunningThread, type ThreadLoss } from "./running-thread.ts";
import { createThreadContexts, type ThreadContexts } from "./thread-contexts.ts";
import type { Hindrance, TlsThread } from "./tls-runner.ts";

export interface ThreadsOptions {
  readonly count: number;
  /** The script of a thread: `thread.ts`, as it was built. */
  readonly entry: URL;
  readonly limits: ConversationLimits;
  /** A thread has ended unasked. */
  readonly onLost: (loss: ThreadLoss) => void;
  /** A thread that says nothing for so long is ended. */
  readonly stuckAfterMs?: number;
}

/** A NAS asks again after 3 to 5 s: what would wait this long at its first packet is better begun elsewhere. */
const SHED_AFTER_MS = SECOND_MS;
/** As long as a conversation lives: a thread that is silent for so long has none left that goes on. */
const STUCK_AFTER_MS = 30 * SECOND_MS;
/** Before another thread takes the place of one that ended: a fault at the start must not keep a core busy. */
const PAUSE_MS = SECOND_MS;

/**
 * Conversations whose TLS runs in threads of its own: a handshake costs a millisecond or two of cryptography, and while one
 * thread does it the others answer. What crosses is a TLS message and what comes of it, twice for a handshake; EAP's own
 * packets, the identities and acknowledgements, are answered here, and policy, passwords and revocation lists are here too. An
 * engine is opened where its client's MAC address says, for there its earlier session is remembered.
 */
export async function openThreads(options: ThreadsOptions): Promise<Conversations> {
  const { count, limits } = options;
  const contexts = createThreadContexts((key) => slots.forEach(({ thread }) => thread?.forget(key)));
  const isBusyHere = watchLoop(performance);
  const slots = Array.from({ length: count }, () => openSlot(contexts, isBusyHere, options));
  const timer = setInterval(() => slots.forEach((slot) => slot.look()), LOOK_EVERY_MS).unref();
  for (const { thread } of slots) await thread?.started;

  const conversations = openConversations(limits, {
    threads: slots,
    threadOf: ({ context, nas }) => slots[hash(context.mac ?? nas) % count]!,
  });
  return {
    ...conversations,
    async close() {
      clearInterval(timer);
      conversations.close();
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

/** A place for a thread, and for the next one when that ends. */
interface Slot extends TlsThread {
  /** `undefined` between the end of one and the start of the next. */
  readonly thread: RunningThread | undefined;
  /** Asks how it is, and ends a thread that does not answer. */
  look(): void;
  close(): Promise<void>;
}

const ENDED: Hindrance = { reason: "lost", sentence: "The EAP thread has ended, and another is about to begin." };
const BEHIND: Hindrance = { reason: "full", sentence: "The EAP thread is behind with what it has." };

function openSlot(contexts: ThreadContexts, isBusyHere: () => boolean, options: ThreadsOptions): Slot {
  const { entry, onLost, stuckAfterMs = STUCK_AFTER_MS } = options;
  let isClosed = false;
  let thread: RunningThread | undefined;
  const start = (): void => {
    thread = new RunningThread(entry, contexts);
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
    open: (request) => thread?.open(request) ?? LOST_ENGINE,
    get hindrance() {
      if (thread === undefined) return ENDED;
      return thread.waitedMs >= SHED_AFTER_MS ? BEHIND : undefined;
    },
    isBusy: () => isBusyHere() || thread?.isBusy() !== false,
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
