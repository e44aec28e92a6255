/** A thread that runs EAP: its conversations, and the TLS of their organizations. `threads.ts` starts it. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { reveal } from "../../domain/secret.ts";
import { openConversations, type Turn } from "./conversations.ts";
import { eapFailure } from "./failure.ts";
import type { EapContext } from "./method.ts";
import { encodeEapOutcome } from "./packet.ts";
import {
  afterCrossing,
  type Answers,
  type CrossingContext,
  forCrossing,
  type FromThread,
  materialAfterCrossing,
  monotonicMs,
  type Question,
  type ThreadData,
  type ToThread,
} from "./thread-protocol.ts";
import { createEapTlsContext, type EapTlsContext, type EapTlsContextResult } from "./tls-context.ts";

type Arrival = Extract<ToThread, { readonly kind: "arrival" }>;
type Judged = Extract<ToThread, { readonly kind: "judged" }>;

if (parentPort === null) throw new Error("this is a thread's beginning, not a program");
serve(parentPort, workerData as ThreadData);

function serve(port: MessagePort, { limits }: ThreadData): void {
  const conversations = openConversations(limits);
  const contexts = new Map<number, EapTlsContextResult>();
  const asked = new Map<number, (message: Judged) => void>();
  let questions = 0;
  const say = (message: FromThread): void => port.postMessage(message);

  function ask<Q extends Question>({ material }: EapTlsContext, asks: Q): Promise<Answers[Q["about"]]> {
    const { organization } = material.resumption;
    return new Promise((resolve, reject) => {
      asked.set(++questions, ({ answer, fault }) =>
        fault === undefined ? resolve(answer as Answers[Q["about"]]) : reject(new Error(fault)),
      );
      say({ kind: "judge", question: questions, organization, asks });
    });
  }

  function contextOf(
    { mac, takesMd5, judges: { passwords, certificates } }: CrossingContext,
    tls: EapTlsContext,
  ): EapContext {
    return {
      tls,
      mac,
      takesMd5,
      ...(passwords && {
        checkPassword: (name, password, client) =>
          ask(tls, { about: "password", name, password: reveal(password), mac: client }),
      }),
      ...(certificates && { revocationOf: (shown) => ask(tls, { about: "certificate", shown }) }),
    };
  }

  function take({ context, ...fields }: Arrival): Promise<Turn> {
    const arrival = afterCrossing(fields);
    if (context === undefined) return conversations.receive({ ...arrival, context });
    const made = contexts.get(context.key);
    if (made?.kind !== "ready") return Promise.resolve(unfit(arrival.eap, made));
    return conversations.receive({ ...arrival, context: contextOf(context, made.context) });
  }

  async function receive(arrival: Arrival): Promise<void> {
    const turn = await take(arrival);
    say({ kind: "turn", call: arrival.call, turn: forCrossing(turn), open: conversations.size() });
  }

  port.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "context":
        return void contexts.set(message.key, createEapTlsContext(materialAfterCrossing(message.material)));
      case "forget":
        return void contexts.delete(message.key);
      case "arrival":
        return void receive(message);
      case "judged":
        asked.get(message.question)?.(message);
        return void asked.delete(message.question);
      case "ping":
        return say({ kind: "pong", waitedMs: monotonicMs() - message.sentMs, open: conversations.size() });
    }
  });
}

/** The material was good once, or we would not have it: a thread that starts later may find its certificate expired. */
function unfit(eap: Buffer, made: (EapTlsContextResult & { readonly kind: "refused" }) | undefined): Turn {
  const failure = eapFailure("internalError", made?.sentence ?? "The EAP thread was not told of the organization.");
  const outcome = encodeEapOutcome({ kind: "failure", identifier: eap[1] ?? 0 });
  return { kind: "reject", eap: outcome, identity: "", method: undefined, failure };
}
