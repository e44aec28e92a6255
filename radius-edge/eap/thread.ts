/** A thread that runs the TLS of EAP: the engines of its conversations, and the contexts of their organizations. `threads.ts` starts it. */
import { type MessagePort, parentPort } from "node:worker_threads";
import { eapFailure } from "./failure.ts";
import {
  bufferOver,
  type ClientMessage,
  forCrossing,
  type FromThread,
  materialAfterCrossing,
  monotonicMs,
  type ToThread,
} from "./thread-protocol.ts";
import { createEapTlsContext, type EapTlsContextResult } from "./tls-context.ts";
import { type EngineTurn, openEngine, type TlsEngine } from "./tls-engine.ts";

if (parentPort === null) throw new Error("this is a thread's beginning, not a program");
serve(parentPort);

function serve(port: MessagePort): void {
  const contexts = new Map<number, EapTlsContextResult>();
  const engines = new Map<number, TlsEngine>();
  const say = (message: FromThread): void => port.postMessage(message);

  async function take({ engine, key, method, bytes }: ClientMessage): Promise<EngineTurn> {
    const message = bufferOver(bytes);
    const running = engines.get(engine);
    if (running !== undefined) return running.receive(message);
    const made = contexts.get(key);
    if (made?.kind !== "ready") return failed(made?.sentence ?? "The EAP thread was not told of the organization.");
    const opened = openEngine(made.context, method, message);
    engines.set(engine, opened);
    return opened.receive(message);
  }

  async function answer(message: ClientMessage): Promise<void> {
    const turn = await take(message).catch(faulty);
    say({ kind: "turn", engine: message.engine, turn: forCrossing(turn) });
  }

  function close(closed: readonly number[]): void {
    for (const engine of closed) {
      engines.get(engine)?.close();
      engines.delete(engine);
    }
  }

  port.on("message", (message: ToThread) => {
    if ("closed" in message) close(message.closed);
    switch (message.kind) {
      case "context":
        return void contexts.set(message.key, createEapTlsContext(materialAfterCrossing(message.material)));
      case "forget":
        return void contexts.delete(message.key);
      case "message":
        return void answer(message);
      case "ping":
        return say({ kind: "pong", waitedMs: monotonicMs() - message.sentMs });
    }
  });
}

/** The material was good once, or we would not have it: a thread that starts later may find its certificate expired. */
function failed(sentence: string): EngineTurn {
  return { kind: "failed", failure: eapFailure("internalError", sentence), bytes: Buffer.alloc(0) };
}

/** A fault of ours ends one conversation, not the thread. */
function faulty(error: unknown): EngineTurn {
  return failed(`TLS failed within: ${error instanceof Error ? error.message : String(error)}.`);
}
