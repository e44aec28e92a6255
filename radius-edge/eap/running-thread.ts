import { Worker } from "node:worker_threads";
import { eapFailure } from "./failure.ts";
import { watchLoop } from "./pace.ts";
import type { ThreadContexts } from "./thread-contexts.ts";
import { afterCrossing, type FromThread, materialForCrossing, monotonicMs, type ToThread } from "./thread-protocol.ts";
import type { EngineTurn, TlsEngine } from "./tls-engine.ts";
import type { TlsRequest } from "./tls-runner.ts";

/** A thread has ended, and with it so many conversations. */
export interface ThreadLoss {
  readonly conversations: number;
  /** What threw, if anything did. */
  readonly cause: unknown;
}

/** An engine that is open in the thread. */
interface OpenEngine {
  /** Settles the message that it works on. */
  settle: (turn: EngineTurn) => void;
  readonly onLost: () => void;
}

export const LOOK_EVERY_MS = 200;

/** A thread that runs TLS, until it ends. */
export class RunningThread {
  readonly #worker: Worker;
  readonly #contexts: ThreadContexts;
  /** Of the contexts, those that the thread was told of. */
  readonly #known = new Set<number>();
  readonly #engines = new Map<number, OpenEngine>();
  #lastEngine = 0;
  /** What the thread is yet to be told of. */
  readonly #closed: number[] = [];
  #waitedMs = 0;
  #hasStarted = false;
  #hasEnded = false;
  /** Of the ping that is unanswered. */
  #pingedMs: number | undefined;
  /** Looks that found it so. Its age would tell less: where we are held up ourselves, the answer waits for us. */
  #looksInVain = 0;
  /** Whether it does little else than work. */
  readonly isBusy: () => boolean;
  /** Resolves once it takes messages, or has ended. */
  readonly started: Promise<unknown>;
  readonly ended: Promise<ThreadLoss>;

  /** `entry`: the script of the thread. */
  constructor(entry: URL, contexts: ThreadContexts) {
    this.#contexts = contexts;
    // Keys come by message, and of the environment a thread needs nothing.
    this.#worker = new Worker(entry, { env: {}, name: "eap" });
    this.isBusy = watchLoop(this.#worker.performance);
    this.#worker.on("message", (message: FromThread) => this.#hear(message));
    let cause: unknown;
    this.#worker.on("error", (error) => (cause = error));
    this.ended = new Promise((resolve) => this.#worker.once("exit", () => resolve(this.#end(cause))));
    this.started = Promise.race([new Promise((resolve) => this.#worker.once("message", resolve)), this.ended]);
    this.#ping();
  }

  /** How long what it hears now has waited in line: as last heard, or longer if it has said nothing since. */
  get waitedMs(): number {
    return Math.max(this.#waitedMs, this.#hasStarted ? this.#looksInVain * LOOK_EVERY_MS : 0);
  }

  /** In the thread it opens with its first message. */
  open({ context: { tls }, method, onLost }: TlsRequest): TlsEngine {
    if (this.#hasEnded) return LOST_ENGINE;
    const engine = ++this.#lastEngine;
    const key = this.#tell(tls);
    const open: OpenEngine = { settle: () => {}, onLost };
    this.#engines.set(engine, open);
    return {
      receive: async (bytes) => {
        if (!this.#engines.has(engine)) return LOST;
        // A copy: the Buffer may be a piece of a pool, and all of that would be copied.
        const octets = new Uint8Array(bytes) as Buffer;
        this.#say({ kind: "message", engine, key, method, bytes: octets, closed: this.#closed.splice(0) });
        return new Promise((resolve) => (open.settle = resolve));
      },
      close: () => {
        if (!this.#engines.delete(engine)) return;
        this.#closed.push(engine);
        open.settle(CLOSED);
      },
    };
  }

  /**
   * Asks how it is, every `LOOK_EVERY_MS`. `false`: what was asked `patienceMs` ago is unanswered, and the thread is stuck.
   */
  look(patienceMs: number): boolean {
    if (this.#pingedMs === undefined) {
      this.#ping();
      return true;
    }
    this.#looksInVain++;
    return monotonicMs() - this.#pingedMs < patienceMs;
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
    this.#say({ kind: "ping", sentMs: this.#pingedMs, closed: this.#closed.splice(0) });
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case "turn":
        return this.#engines.get(message.engine)?.settle(afterCrossing(message.turn));
      case "pong":
        // Before its first word it was starting, and nothing was in line.
        this.#waitedMs = this.#hasStarted ? message.waitedMs : 0;
        this.#hasStarted = true;
        this.#pingedMs = undefined;
        this.#looksInVain = 0;
    }
  }

  #tell(tls: TlsRequest["context"]["tls"]): number {
    const key = this.#contexts.keyOf(tls);
    if (!this.#known.has(key)) this.#say({ kind: "context", key, material: materialForCrossing(tls.material) });
    this.#known.add(key);
    return key;
  }

  #end(cause: unknown): ThreadLoss {
    this.#hasEnded = true;
    const lost = [...this.#engines.values()];
    this.#engines.clear();
    for (const { settle, onLost } of lost) {
      settle(LOST);
      onLost();
    }
    return { conversations: lost.length, cause };
  }
}

const LOST: EngineTurn = { kind: "lost" };
/** Nobody hears it: who closes an engine has no more use for what it says. */
const CLOSED: EngineTurn = {
  kind: "failed",
  failure: eapFailure("internalError", "TLS was closed."),
  bytes: Buffer.alloc(0),
};

/** Of a thread that has ended. */
export const LOST_ENGINE: TlsEngine = { receive: async () => LOST, close: () => undefined };
