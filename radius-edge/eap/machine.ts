/**
 * The authenticator's side of one EAP conversation, with the names of RFC 4137 §6 (backend authenticator). Between two
 * Responses that machine rests in IDLE; what it rests there with (`currentMethod` and `methodState` in the RFC) is our
 * `Standing`. A Response is classed as RECEIVED does, and the table says which state it enters.
 */
import { randomInt } from "node:crypto";
import { type EapFailure, eapFailure } from "./failure.ts";
import type { EapEvidence, EapMethod, EapMethodName, MethodContext, MethodOffer } from "./method.ts";
import { decodeEap, EAP_TYPE, encodeEapMessage, type EapMessage } from "./packet.ts";
import { typeDataRoomOctets } from "./tls-fragments.ts";

/** INITIALIZE: nothing asked yet. IDENTITY: Identity asked. The others: `methodState` of the method asked. */
type Standing = "INITIALIZE" | "IDENTITY" | "PROPOSED" | "CONTINUE" | "END";

/** `start` is the empty message by which a lower layer asks us to begin; the others are Responses. */
type Arrival = "start" | "identity" | "nak" | "method" | "otherType" | "otherIdentifier";

/** PICK_UP_METHOD takes an Identity that came unasked, or as asked; either way a method is proposed next. */
type Entry = "PROPOSE_METHOD" | "PICK_UP_METHOD" | "METHOD_RESPONSE" | "NAK" | "DISCARD";

const ENTERS: Record<Standing, Record<Arrival, Entry>> = {
  INITIALIZE: {
    start: "PROPOSE_METHOD",
    identity: "PICK_UP_METHOD",
    nak: "DISCARD",
    method: "DISCARD",
    otherType: "DISCARD",
    otherIdentifier: "DISCARD",
  },
  IDENTITY: {
    start: "DISCARD",
    identity: "PICK_UP_METHOD",
    nak: "DISCARD",
    method: "DISCARD",
    otherType: "DISCARD",
    otherIdentifier: "DISCARD",
  },
  PROPOSED: {
    start: "DISCARD",
    identity: "DISCARD",
    nak: "NAK",
    method: "METHOD_RESPONSE",
    otherType: "DISCARD",
    otherIdentifier: "DISCARD",
  },
  // RFC 3748 §2.1: once a method has begun it runs to its end; a Nak is no way out.
  CONTINUE: {
    start: "DISCARD",
    identity: "DISCARD",
    nak: "DISCARD",
    method: "METHOD_RESPONSE",
    otherType: "DISCARD",
    otherIdentifier: "DISCARD",
  },
  END: {
    start: "DISCARD",
    identity: "DISCARD",
    nak: "DISCARD",
    method: "DISCARD",
    otherType: "DISCARD",
    otherIdentifier: "DISCARD",
  },
};

export type MachineTurn =
  | { readonly kind: "request"; readonly eap: Buffer }
  | { readonly kind: "success"; readonly identifier: number; readonly evidence: EapEvidence; readonly msk: Buffer }
  /** `method`: the one under way, if any. */
  | {
      readonly kind: "failure";
      readonly identifier: number;
      readonly identity: string;
      readonly method: EapMethodName | undefined;
      readonly failure: EapFailure;
    }
  | { readonly kind: "silence"; readonly sentence: string }
  | { readonly kind: "discard"; readonly sentence: string }
  /** The thread that had its TLS has ended. */
  | { readonly kind: "lost" }
  /** We were closed over it. */
  | { readonly kind: "closed" };

export class EapMachine {
  readonly #context: MethodContext;
  #untried: readonly MethodOffer[];
  #standing: Standing = "INITIALIZE";
  #method: { readonly offer: MethodOffer; readonly run: EapMethod } | undefined;
  #identifier = randomInt(256);
  #identity = "";
  #isClosed = false;

  constructor(context: MethodContext, offers: readonly MethodOffer[]) {
    this.#context = context;
    this.#untried = offers;
  }

  /** Whether a conversation begins with this message: empty, or an Identity. */
  static begins(eap: Buffer): boolean {
    if (eap.length === 0) return true;
    const packet = decodeEap(eap);
    return packet.kind === "response" && packet.type === EAP_TYPE.identity;
  }

  /** Whether an Identity that arrives now belongs to this conversation, instead of beginning another. */
  get awaitsIdentity(): boolean {
    return this.#standing === "IDENTITY";
  }

  /** Whether the client has answered the first Request of a method. */
  get hasBegun(): boolean {
    return this.#standing === "CONTINUE" || this.#standing === "END";
  }

  /** Takes one EAP packet; never throws for what it holds. `framedMtu`: of the link, where known. One at a time. */
  async receive(eap: Buffer, framedMtu: number | undefined): Promise<MachineTurn> {
    if (eap.length === 0) return this.#enter(ENTERS[this.#standing].start, undefined, framedMtu);
    const packet = decodeEap(eap);
    if (packet.kind === "malformed") return discard(packet.sentence);
    if (packet.kind !== "response") return discard(`A client sends EAP Responses, not a ${packet.kind}.`);
    const entry = ENTERS[this.#standing][this.#classify(packet)];
    return this.#enter(entry, packet, framedMtu);
  }

  close(): void {
    this.#isClosed = true;
    this.#standing = "END";
    this.#method?.run.close();
  }

  #classify(response: EapMessage): Arrival {
    const { type } = response;
    // Before our first Request the identifier is whatever the authenticator's own Request for the Identity had.
    if (this.#standing !== "INITIALIZE" && response.identifier !== this.#identifier) return "otherIdentifier";
    if (type === EAP_TYPE.identity) return "identity";
    if (type === EAP_TYPE.nak || type === EAP_TYPE.expanded) return "nak";
    return type === this.#method?.offer.type ? "method" : "otherType";
  }

  async #enter(entry: Entry, response: EapMessage | undefined, framedMtu: number | undefined): Promise<MachineTurn> {
    if (entry === "PROPOSE_METHOD") return this.#askIdentity();
    if (entry === "DISCARD" || response === undefined) return discard("The EAP message does not fit the conversation.");
    switch (entry) {
      case "PICK_UP_METHOD":
        this.#identifier = response.identifier;
        this.#identity = readIdentity(response.typeData);
        this.#untried = this.#untried.filter((offer) => offer.isFor?.(this.#context, this.#identity) ?? true);
        return this.#propose(this.#untried[0], []);
      case "NAK":
        return this.#refused(response);
      case "METHOD_RESPONSE":
        this.#standing = "CONTINUE";
        return this.#respond(response, typeDataRoomOctets(framedMtu));
    }
  }

  #askIdentity(): MachineTurn {
    this.#standing = "IDENTITY";
    return this.#request(EAP_TYPE.identity, Buffer.alloc(0));
  }

  #propose(offer: MethodOffer | undefined, wanted: readonly number[]): MachineTurn {
    this.#method?.run.close();
    if (offer === undefined) return this.#fail(eapFailure("methodRefused", refusal(wanted)));
    this.#untried = this.#untried.filter((other) => other !== offer);
    this.#method = { offer, run: offer.open(this.#context, this.#identity) };
    this.#standing = "PROPOSED";
    return this.#request(offer.type, this.#method.run.begin());
  }

  /** RFC 3748 §5.3.1: a Nak lists the types that the client would take; §5.3.2's expanded Nak has none of ours. */
  #refused(response: EapMessage): MachineTurn {
    const wanted = response.type === EAP_TYPE.nak ? [...response.typeData].filter((type) => type !== 0) : [];
    return this.#propose(
      this.#untried.find((offer) => wanted.includes(offer.type)),
      wanted,
    );
  }

  async #respond({ typeData, identifier }: EapMessage, roomOctets: number): Promise<MachineTurn> {
    if (this.#method === undefined) return discard("No method is under way.");
    const { offer, run } = this.#method;
    const step = await run.process(typeData, roomOctets, identifier);
    if (step.kind === "lost") {
      this.#standing = "END";
      return step;
    }
    // Whatever broke by that is no fault of the client's, which may have begun again by now.
    if (this.#isClosed) return { kind: "closed" };
    switch (step.kind) {
      case "request":
        return this.#request(offer.type, step.typeData);
      case "success":
        this.#standing = "END";
        return { kind: "success", identifier: this.#identifier, evidence: step.evidence, msk: step.msk };
      case "failure":
        return this.#fail(step.failure);
      case "silence":
        this.#standing = "END";
        return step;
      case "ignore":
        return discard(step.sentence);
    }
  }

  /** RFC 4137 §5.4 `nextId`: the next identifier, so that no Request has the identifier of the last Response. */
  #request(type: number, typeData: Buffer): MachineTurn {
    this.#identifier = (this.#identifier + 1) % 256;
    const eap = encodeEapMessage({ kind: "request", identifier: this.#identifier, type, typeData });
    return { kind: "request", eap };
  }

  #fail(failure: EapFailure): MachineTurn {
    this.#standing = "END";
    const method = this.#method?.offer.name;
    return { kind: "failure", identifier: this.#identifier, identity: this.#identity, method, failure };
  }
}

/** RFC 3748 §5.1: UTF-8, and what follows a NUL is not the identity. */
function readIdentity(typeData: Buffer): string {
  const end = typeData.indexOf(0);
  return typeData.toString("utf8", 0, end < 0 ? typeData.length : end);
}

function refusal(wanted: readonly number[]): string {
  if (wanted.length === 0) return "The client refuses every EAP method that is offered, and names no other.";
  return `The client refuses the EAP methods that are offered; it would take EAP type ${wanted.join(", ")}.`;
}

function discard(sentence: string): MachineTurn {
  return { kind: "discard", sentence };
}
