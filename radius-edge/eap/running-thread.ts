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

/** A thread that runs EAP, until it ends. */
export interface RunningThread {
  /** Never rejects. */
  receive(arrival: EapArrival): Promise<Turn>;
  /** Conversations open, as last heard. */
  readonly open: number;
  /** How long what it hears now has waited in line, as last heard. */
  readonly waitedMs: number;
  /** Asks for both. `false`: what was asked `patienceMs` ago is unanswered, and the thread is stuck. */
  ping(patienceMs: number): boolean;
  forget(key: number): void;
  /** Resolves once it takes packets, or has ended. */
  readonly started: Promise<void>;
  /** Resolves with the conversations that were open, and what threw, if anything did. */
  readonly ended: Promise<{ readonly conversations: number; readonly cause: unknown }>;
  terminate(): Promise<unknown>;
}

export function startThread(options: {
  /** The script of the thread. */
  readonly entry: URL;
  readonly limits: ConversationLimits;
  readonly contexts: ThreadContexts;
}): RunningThread {
  const { entry, limits, contexts } = options;
  // Keys come by message, and of the environment a thread needs nothing.
  const worker = new Worker(entry, { workerData: { limits } satisfies ThreadData, env: {}, name: "eap" });
  const calls = new Map<number, (turn: Turn) => void>();
  const known = new Set<number>();
  let lastCall = 0;
  let heard = { open: 0, waitedMs: 0 };
  let hasStarted = false;
  let pingedMs: number | undefined;
  const say = (message: ToThread): void => worker.postMessage(message);

  const answer = async ({ question, organization, asks }: FromThread & { readonly kind: "judge" }): Promise<void> => {
    try {
      say({ kind: "judged", question, answer: await contexts.judge(organization, asks) });
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      say({ kind: "judged", question, answer: undefined, fault });
    }
  };
  worker.on("message", (message: FromThread) => {
    switch (message.kind) {
      case "turn":
        heard = { ...heard, open: message.open };
        calls.get(message.call)?.(afterCrossing(message.turn));
        return void calls.delete(message.call);
      case "pong":
        // Before its first word it was starting, and nothing was in line.
        heard = { open: message.open, waitedMs: hasStarted ? message.waitedMs : 0 };
        hasStarted = true;
        pingedMs = undefined;
        return;
      case "judge":
        return void answer(message);
    }
  });
  const crossingOf = (context: EapContext): CrossingContext => {
    const { key, material } = contexts.keyOf(context);
    if (!known.has(key)) say({ kind: "context", key, material: materialForCrossing(material) });
    known.add(key);
    const { mac, checkPassword, revocationOf } = context;
    return { key, mac, judges: { passwords: checkPassword !== undefined, certificates: revocationOf !== undefined } };
  };
  const ping = (): void => {
    pingedMs = monotonicMs();
    say({ kind: "ping", sentMs: pingedMs });
  };
  ping();

  let cause: unknown;
  worker.on("error", (error) => (cause = error));
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const ended = exited.then(() => {
    const conversations = heard.open;
    heard = { open: 0, waitedMs: 0 };
    for (const settle of calls.values()) settle(lost());
    calls.clear();
    return { conversations, cause };
  });
  return {
    get open() {
      return heard.open;
    },
    get waitedMs() {
      return heard.waitedMs;
    },
    started: Promise.race([new Promise<void>((resolve) => worker.once("message", () => resolve())), exited]),
    ended,
    receive({ context, ...fields }) {
      const call = ++lastCall;
      say({ kind: "arrival", call, context: context && crossingOf(context), ...forCrossing(fields) });
      return new Promise((resolve) => calls.set(call, resolve));
    },
    ping(patienceMs) {
      if (pingedMs !== undefined) return monotonicMs() - pingedMs < patienceMs;
      ping();
      return true;
    },
    forget(key) {
      if (known.delete(key)) say({ kind: "forget", key });
    },
    terminate: () => worker.terminate(),
  };
}

/** To a packet for a thread that has ended. */
export function lost(): Turn {
  return drop("lost", "The thread that had the EAP conversation has ended.");
}
