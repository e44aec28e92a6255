import { Worker } from "node:worker_threads";
import { type ConversationLimits, drop, type EapArrival, type Turn } from "./conversations.ts";
import type { EapContext } from "./method.ts";
import type { ThreadContexts } from "./thread-contexts.ts";
import {
  afterCrossing,
  type CrossingContext,
  forCrossing,
  type FromThread,
  materialForCrossing,
  monotonicMs,
  type ThreadData,
  type ToThread,
} from "./thread-protocol.ts";

/** A thread has ended, and with it so many conversations. */
export interface ThreadLoss {
  readonly conversations: number;
  /** What threw, if anything did. */
  readonly cause: unknown;
}

/** A thread that runs EAP, until it ends. */
export class RunningThread {
  readonly #worker: Worker;
  readonly #contexts: ThreadContexts;
  /** Of the contexts, those that the thread was told of. */
  readonly #known = new Set<number>();
  readonly #calls = new Map<number, (turn: Turn) => void>();
  #lastCall = 0;
  #open = 0;
  #waitedMs = 0;
  #hasStarted = false;
  #hasEnded = false;
  /** Of the ping that is unanswered. */
  #pingedMs: number | undefined;
  /** Resolves once it takes packets, or has ended. */
  readonly started: Promise<unknown>;
  readonly ended: Promise<ThreadLoss>;

  /** `entry`: the script of the thread. */
  constructor(entry: URL, limits: ConversationLimits, contexts: ThreadContexts) {
    this.#contexts = contexts;
    // Keys come by message, and of the environment a thread needs nothing.
    this.#worker = new Worker(entry, { workerData: { limits } satisfies ThreadData, env: {}, name: "eap" });
    this.#worker.on("message", (message: FromThread) => this.#hear(message));
    let cause: unknown;
    this.#worker.on("error", (error) => (cause = error));
    this.ended = new Promise((resolve) => this.#worker.once("exit", () => resolve(this.#end(cause))));
    this.started = Promise.race([new Promise((resolve) => this.#worker.once("message", resolve)), this.ended]);
    this.#ping();
  }

  /** Conversations open, as last heard. */
  get open(): number {
    return this.#open;
  }

  /** How long what it hears now has waited in line, as last heard. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** Never rejects. */
  receive({ context, ...fields }: EapArrival): Promise<Turn> {
    if (this.#hasEnded) return Promise.resolve(lost());
    const call = ++this.#lastCall;
    this.#say({ kind: "arrival", call, context: context && this.#crossing(context), ...forCrossing(fields) });
    return new Promise((resolve) => this.#calls.set(call, resolve));
  }

  /** Asks how it is. `false`: what was asked `patienceMs` ago is unanswered, and the thread is stuck. */
  look(patienceMs: number): boolean {
    if (this.#pingedMs !== undefined) return monotonicMs() - this.#pingedMs < patienceMs;
    this.#ping();
    return true;
  }

  forget(key: number): void {
    if (this.#known.delete(key)) this.#say({ kind: "forget", key });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #ping(): void {
    this.#pingedMs = monotonicMs();
    this.#say({ kind: "ping", sentMs: this.#pingedMs });
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case "turn":
        this.#open = message.open;
        this.#calls.get(message.call)?.(afterCrossing(message.turn));
        this.#calls.delete(message.call);
        return;
      case "pong":
        this.#open = message.open;
        // Before its first word it was starting, and nothing was in line.
        this.#waitedMs = this.#hasStarted ? message.waitedMs : 0;
        this.#hasStarted = true;
        this.#pingedMs = undefined;
        return;
      case "judge":
        void this.#answer(message);
    }
  }

  async #answer({ question, organization, asks }: FromThread & { readonly kind: "judge" }): Promise<void> {
    try {
      this.#say({ kind: "judged", question, answer: await this.#contexts.judge(organization, asks) });
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      this.#say({ kind: "judged", question, answer: undefined, fault });
    }
  }

  #crossing(context: EapContext): CrossingContext {
    const { key, material } = this.#contexts.keyOf(context);
    if (!this.#known.has(key)) this.#say({ kind: "context", key, material: materialForCrossing(material) });
    this.#known.add(key);
    const { mac, takesMd5 = false, checkPassword, revocationOf } = context;
    return {
      key,
      mac,
      takesMd5,
      judges: { passwords: checkPassword !== undefined, certificates: revocationOf !== undefined },
    };
  }

  #end(cause: unknown): ThreadLoss {
    this.#hasEnded = true;
    const conversations = this.#open;
    this.#open = this.#waitedMs = 0;
    for (const settle of this.#calls.values()) settle(lost());
    this.#calls.clear();
    return { conversations, cause };
  }
}

/** To a packet for a thread that has ended. */
export function lost(): Turn {
  return drop("lost", "The thread that had the EAP conversation has ended.");
}
