import { SECOND_MS } from "../domain/time.ts";
import type { Conversations, EapArrival, Turn } from "./eap/conversations.ts";
import { drop } from "./eap/conversations.ts";
import { EapMachine } from "./eap/machine.ts";
import { stateProcessId } from "./eap/state.ts";
import { afterCrossing, forCrossing } from "./eap/thread-protocol.ts";
import { siblingOf } from "./process-id.ts";
import type { EdgePlace } from "./process-id.ts";

/**
 * What processes on one port say to each other. The kernel gives all packets of one source port to one process; a NAS that
 * changes its port within a conversation, or a proxy that does, reaches another.
 */
export type SiblingMessage = { readonly to: number; readonly from: number; readonly call: number } & (
  | { readonly kind: "handOver"; readonly packet: HandedOver }
  | { readonly kind: "handBack"; readonly turn: Turn }
);

/** The conversation is there, and so is all that it needs but these. */
type HandedOver = Omit<EapArrival, "context">;

/** Carries messages between siblings, or loses them. */
export interface SiblingLink {
  send(message: SiblingMessage): void;
  /** To be called once. */
  listen(hear: (message: SiblingMessage) => void): void;
}

/** More than a password may take to be judged (eap/ttls.ts): whoever is silent for longer has ended. */
const PATIENCE_MS = 6 * SECOND_MS;

export interface SiblingOptions {
  readonly place: EdgePlace;
  readonly link: SiblingLink;
  readonly onHandOver: () => void;
}

/** Conversations of this process; a packet of one of a sibling's goes there, and its answer comes back. */
export function withSiblings(own: Conversations, { place, link, onHandOver }: SiblingOptions): Conversations {
  const from = place.index;
  const calls = new Map<number, (turn: Turn) => void>();
  let lastCall = 0;
  link.listen((message) => {
    const { call } = message;
    if (message.kind === "handBack") return calls.get(call)?.(afterCrossing(message.turn));
    const arrival: EapArrival = { ...afterCrossing(message.packet), context: undefined };
    return void own
      .receive(arrival)
      .then((turn) => link.send({ kind: "handBack", to: message.from, from, call, turn: forCrossing(turn) }));
  });

  function handOver(to: number, { eap, state, nas, framedMtu }: EapArrival): Promise<Turn> {
    onHandOver();
    const call = ++lastCall;
    return new Promise((resolve) => {
      const settle = (turn: Turn): void => {
        clearTimeout(timer);
        calls.delete(call);
        resolve(turn);
      };
      const timer = setTimeout(
        () => settle(drop("lost", "The process that had the EAP conversation is silent.")),
        PATIENCE_MS,
      );
      calls.set(call, settle);
      link.send({ kind: "handOver", to, from, call, packet: forCrossing({ eap, state, nas, framedMtu }) });
    });
  }

  return {
    ...own,
    async receive(arrival) {
      const owner = ownerOf(arrival, place);
      if (owner === undefined || owner === place.index) return own.receive(arrival);
      const turn = await handOver(owner, arrival);
      const isOver = turn.kind === "drop" && turn.reason === "unknownState";
      // A client that begins again does so here.
      return isOver && EapMachine.begins(arrival.eap) ? own.receive(arrival) : turn;
    },
  };
}

function ownerOf({ state }: EapArrival, place: EdgePlace): number | undefined {
  const processId = state === undefined ? undefined : stateProcessId(state);
  return processId === undefined ? undefined : siblingOf(processId, place);
}
