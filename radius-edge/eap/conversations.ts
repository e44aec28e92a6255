import { type ConversationLimits, LIMITS } from "./conversation-limits.ts";
import { type EapFailure, eapFailure } from "./failure.ts";
import { EapMachine, type MachineTurn } from "./machine.ts";
import type { Awaitable, EapContext, EapEvidence, EapMethodName, MethodContext } from "./method.ts";
import { offersOf } from "./methods.ts";
import { OpenConversations } from "./open-conversations.ts";
import { createPace, FIRST_UNDER_WAY, HELD_BACK, type Leave, type Pace } from "./pace.ts";
import { encodeEapOutcome } from "./packet.ts";
import { newState, stateProcessId } from "./state.ts";
import { runHere, type TlsRunner, type TlsThread } from "./tls-runner.ts";

export interface EapArrival {
  /** The whole EAP packet; empty to make us begin (RFC 3579 §2.1 EAP-Start). */
  readonly eap: Buffer;
  /** The handle of an earlier challenge, as the NAS returned it. */
  readonly state: Buffer | undefined;
  /** Tells the NAS apart from all others: its conversations are counted, and belong to it. */
  readonly nas: string;
  /** Octets, where the NAS tells. */
  readonly framedMtu: number | undefined;
  /**
   * Of the NAS's organization: fixed for the conversation that begins with this arrival, else not looked at.
   * `undefined`: none may begin here.
   */
  readonly context: EapContext | undefined;
}

export type Turn =
  | { readonly kind: "challenge"; readonly eap: Buffer; readonly state: Buffer }
  /**
   * EAP is content. The decision is the caller's: `eap` is the Success; to refuse after all, send `refusal`, the
   * Failure for the same identifier. `msk`: 64 octets of key material, or none, never to be logged.
   */
  | {
      readonly kind: "accept";
      readonly eap: Buffer;
      readonly refusal: Buffer;
      readonly msk: Buffer;
      readonly evidence: EapEvidence;
    }
  /** `identity` is what the client claimed to be; `method` what it was to prove that by, if it came to that. */
  | {
      readonly kind: "reject";
      readonly eap: Buffer;
      readonly identity: string;
      readonly method: EapMethodName | undefined;
      readonly failure: EapFailure;
    }
  | { readonly kind: "drop"; readonly reason: EapDropReason; readonly sentence: string };

export type EapDropReason =
  /** Undecodable, of another identifier or out of turn: RFC 3748 §4 has it silently discarded. */
  | "discarded"
  /** It begins no conversation, and names none to go on with. */
  | "missingState"
  /** The conversation is over, expired, or never was. */
  | "unknownState"
  /** The handle was made by another process or another server, or for another NAS. */
  | "foreignState"
  /** A Response to the same Request is being worked on. */
  | "busy"
  /** Nobody could judge the user's password, and the organization would then rather be silent (behaviour 8.4). */
  | "unjudged"
  /** As many conversations are open as may be, or under way as can be finished. */
  | "full"
  /** As many conversations are open for this NAS as one may have, or wait to begin. */
  | "nasFull"
  /** The thread that had the conversation's TLS has ended, or the process that had it all. */
  | "lost";

export interface Conversations {
  /** Takes one EAP packet; never rejects. The same packet again is answered as it was the first time. */
  receive(arrival: EapArrival): Promise<Turn>;
  /** Conversations open now. */
  size(): number;
  /** Ends all conversations. */
  close(): void | Promise<void>;
}

/** Conversations in the thread that asks. */
export interface ConversationsHere extends Conversations {
  close(): void;
}

interface Conversation {
  readonly state: Buffer;
  readonly nas: string;
  readonly machine: EapMachine;
  readonly thread: TlsThread;
  readonly since: number;
  heardAt: number;
  /** The last packet and what was, or will be, said to it: a NAS may repeat it under another RADIUS identifier. */
  last: { readonly eap: Buffer; readonly turn: Promise<Turn>; settled: boolean } | undefined;
}

/** Holds the open conversations of one process. */
export function openConversations(own: ConversationLimits, tls: TlsRunner = runHere()): ConversationsHere {
  const limits = { ...LIMITS, ...own };
  const { processId, lifetimeMs } = limits;
  const open = new OpenConversations<Conversation>(
    limits,
    // One that has not begun was left by its client.
    ({ machine, thread }) => machine.hasBegun && paceOf(thread).note(lifetimeMs),
  );
  const paces = new Map(tls.threads.map((thread) => [thread, newPace(thread, open, limits)]));
  const paceOf = (thread: TlsThread): Pace => paces.get(thread)!;

  function beginInTurn({ context, nas, state }: EapArrival): Awaitable<Conversation | Turn> {
    if (context === undefined) return strayed(state, processId);
    const thread = tls.threadOf({ context, nas });
    const met = thread.hindrance ?? open.boundMet(nas);
    // Who could not begin at its turn does not wait for one.
    if (met !== undefined) return drop(met.reason, met.sentence);
    const beginIf = (leave: Leave): Conversation | Turn =>
      leave === "granted" ? begin(context, nas, thread) : drop(leave, HELD_BACK[leave]);
    const leave = paceOf(thread).mayBegin(nas);
    // At once where it may: the next to ask must find it counted.
    return typeof leave === "string" ? beginIf(leave) : leave.then(beginIf);
  }

  function begin(context: EapContext, nas: string, thread: TlsThread): Conversation | Turn {
    const met = thread.hindrance ?? open.boundMet(nas);
    if (met !== undefined) return drop(met.reason, met.sentence);
    const onLost = (): void => open.end(conversation);
    const openTls: MethodContext["openTls"] = (method, hello) => thread.open({ context, nas, method, hello, onLost });
    const conversation = newConversation({ ...context, openTls }, nas, thread, processId);
    open.add(conversation);
    return conversation;
  }

  function conversationFor(arrival: EapArrival): Awaitable<Conversation | Turn> {
    const { eap, state, nas } = arrival;
    const found = state === undefined ? undefined : open.find(state);
    // It runs under the trust of the organization that it began in: no other NAS may bring it to its end.
    if (found !== undefined && found.nas !== nas) return drop("foreignState", "The State was made for another NAS.");
    const continues = found?.machine.awaitsIdentity === true || found?.last?.eap.equals(eap) === true;
    if (continues || !EapMachine.begins(eap)) return found ?? strayed(state, processId);
    // The client began again, as after a lost link: what it left behind is of no more use.
    if (found !== undefined) open.end(found);
    return beginInTurn(arrival);
  }

  return {
    size: () => open.size,
    close() {
      for (const pace of paces.values()) pace.close();
      open.endAll();
    },
    async receive(arrival: EapArrival): Promise<Turn> {
      const conversation = await conversationFor(arrival);
      if ("kind" in conversation) return conversation;
      conversation.heardAt = performance.now();
      const turn = await answer(conversation, arrival);
      if (!isLast(turn)) return turn;
      // A refusal may have cost nothing but a Nak, and tells nothing of how many are possible.
      if (turn.kind === "accept") paceOf(conversation.thread).note(performance.now() - conversation.since);
      open.end(conversation);
      return turn;
    },
  };
}

function newPace(
  thread: TlsThread,
  open: OpenConversations<Conversation>,
  { capacity, firstUnderWay = FIRST_UNDER_WAY, finishMs }: ConversationLimits & typeof LIMITS,
): Pace {
  return createPace({
    open: () => open.size,
    underWay: () => open.countUnderWay(thread),
    capacity,
    first: firstUnderWay,
    withinMs: finishMs,
    isBusy: thread.isBusy,
  });
}

function newConversation(context: MethodContext, nas: string, thread: TlsThread, processId: number): Conversation {
  const since = performance.now();
  const machine = new EapMachine(context, offersOf(context));
  return { state: newState(processId), nas, machine, thread, since, heardAt: since, last: undefined };
}

/** Whether the conversation ends with this. */
const isLast = (turn: Turn): boolean =>
  turn.kind === "accept" ||
  turn.kind === "reject" ||
  (turn.kind === "drop" && (turn.reason === "unjudged" || turn.reason === "lost"));

/** Why there is no conversation to go on with. */
function strayed(state: Buffer | undefined, processId: number): Turn {
  if (state === undefined) return drop("missingState", "The EAP message begins nothing, and came without a State.");
  return stateProcessId(state) === processId
    ? drop("unknownState", "The EAP conversation has ended or expired.")
    : drop("foreignState", "The State was made by another process.");
}

/** Answers a repeated packet as before, and lets one packet at a time into the machine. */
async function answer(conversation: Conversation, arrival: EapArrival): Promise<Turn> {
  const { last } = conversation;
  if (last?.eap.equals(arrival.eap)) return last.turn;
  if (last?.settled === false) return drop("busy", "A Response to the same Request is being worked on.");
  const latest = { eap: Buffer.from(arrival.eap), turn: converse(conversation, arrival), settled: false };
  conversation.last = latest;
  const turn = await latest.turn;
  latest.settled = true;
  // What was discarded changed nothing: the packet before it may still be repeated.
  if (turn.kind === "drop") conversation.last = last;
  return turn;
}

async function converse({ machine, state }: Conversation, { eap, framedMtu }: EapArrival): Promise<Turn> {
  const identifier = eap.length > 1 ? eap.readUInt8(1) : 0;
  const failed = (error: unknown): MachineTurn => internalError(identifier, error);
  return turnOf(await machine.receive(eap, framedMtu).catch(failed), state);
}

function turnOf(said: MachineTurn, state: Buffer): Turn {
  switch (said.kind) {
    case "request":
      return { kind: "challenge", eap: said.eap, state };
    case "success": {
      const { identifier, evidence, msk } = said;
      const eap = encodeEapOutcome({ kind: "success", identifier });
      return { kind: "accept", eap, refusal: encodeEapOutcome({ kind: "failure", identifier }), msk, evidence };
    }
    case "failure": {
      const { identifier, identity, method, failure } = said;
      return { kind: "reject", eap: encodeEapOutcome({ kind: "failure", identifier }), identity, method, failure };
    }
    case "silence":
      return drop("unjudged", said.sentence);
    case "discard":
      return drop("discarded", said.sentence);
    case "lost":
      return drop("lost", "The thread that had the TLS of the EAP conversation has ended.");
    case "closed":
      return drop("unknownState", "The EAP conversation ended while its packet was worked on.");
  }
}

/** A fault of ours ends one conversation, not the edge. */
function internalError(identifier: number, error: unknown): MachineTurn {
  const sentence = `EAP failed within: ${error instanceof Error ? error.message : String(error)}.`;
  const failure = eapFailure("internalError", sentence);
  return { kind: "failure", identifier, identity: "", method: undefined, failure };
}

/** A packet that gets no answer. */
export function drop(reason: EapDropReason, sentence: string): Turn {
  return { kind: "drop", reason, sentence };
}
