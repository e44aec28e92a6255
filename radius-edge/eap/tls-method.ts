/**
 * What the methods on TLS have in common, phase by phase: a handshake in fragments (RFC 5216 §2.1), what the method makes
 * of the tunnel then, and an end that the client can hear. Each method says the rest in a `TlsUse`.
 */
import { type EapFailure, eapFailure } from "./failure.ts";
import type { Awaitable, EapEvidence, EapMethod, Step } from "./method.ts";
import type { Established, TlsEngine } from "./tls-engine.ts";
import { TLS_START, TlsFragments } from "./tls-fragments.ts";

/** One conversation's use of TLS by one method. */
export interface TlsUse {
  /** `hello`: the client's first message, which the engine is yet to receive. */
  open(hello: Buffer): TlsEngine;
  established(handshake: Established): Awaitable<TlsOutcome>;
}

export type TlsOutcome =
  | { readonly kind: "success"; readonly evidence: EapEvidence; readonly msk: Buffer }
  /** It is the client's turn to send application data; `hear` says what it means. */
  | { readonly kind: "listen"; readonly hear: Hear }
  | { readonly kind: "failure"; readonly failure: EapFailure }
  | { readonly kind: "silence"; readonly sentence: string };

type Hear = (data: Buffer) => Promise<TlsOutcome>;

/** What an acknowledgement, or anything else that the client now sends, means. */
type Phase =
  | { readonly kind: "handshake" }
  /** Our last flight is out. `early`: application data that came with the client's last flight. */
  | { readonly kind: "listening"; readonly hear: Hear; readonly early: Buffer; readonly isPrompted: boolean }
  /** Our last word is out, and the method is content. */
  | { readonly kind: "finished"; readonly evidence: EapEvidence; readonly msk: Buffer }
  /** Our alert is out: RFC 5216 §2.1.3 lets the client see it before EAP-Failure. */
  | { readonly kind: "alerted"; readonly failure: EapFailure };

/** What both ends said last. `received`: application data that came with the client's. */
interface LastFlights {
  readonly flight: Buffer;
  readonly received: Buffer;
}

const NOTHING = Buffer.alloc(0);

export class TlsMethod implements EapMethod {
  readonly #use: TlsUse;
  readonly #fragments = new TlsFragments();
  #engine: TlsEngine | undefined;
  #phase: Phase = { kind: "handshake" };

  constructor(use: TlsUse) {
    this.#use = use;
  }

  begin(): Buffer {
    return TLS_START;
  }

  async process(typeData: Buffer, roomOctets: number): Promise<Step> {
    const turn = this.#fragments.receive(typeData, roomOctets);
    switch (turn.kind) {
      case "send":
        return { kind: "request", typeData: turn.typeData };
      case "malformed":
        return broken(turn.sentence);
      case "acknowledged":
        return this.#acknowledged(roomOctets);
      case "message":
        return this.#message(turn.bytes, roomOctets);
    }
  }

  close(): void {
    this.#engine?.close();
  }

  async #acknowledged(roomOctets: number): Promise<Step> {
    const phase = this.#phase;
    switch (phase.kind) {
      case "handshake":
        return broken("The client acknowledged where the TLS handshake asked it to go on.");
      case "listening":
        if (phase.early.length > 0) return this.#heard(phase.hear, phase.early, roomOctets);
        if (phase.isPrompted) return broken("The client set up a TLS tunnel and sends nothing through it.");
        this.#phase = { ...phase, isPrompted: true };
        return this.#send(NOTHING, roomOctets);
      case "finished":
        return { ...phase, kind: "success" };
      case "alerted":
        return failed(phase.failure);
    }
  }

  async #message(bytes: Buffer, roomOctets: number): Promise<Step> {
    if (this.#phase.kind === "alerted") return failed(this.#phase.failure);
    // Only now: an Identity costs its sender nothing, a TLS engine costs us 70 KB.
    this.#engine ??= this.#use.open(bytes);
    const turn = await this.#engine.receive(bytes);
    switch (turn.kind) {
      case "flight":
        return this.#phase.kind === "listening"
          ? broken("The client went on with a handshake that was over.")
          : this.#send(turn.bytes, roomOctets);
      case "established": {
        const { bytes: flight, received } = turn;
        return this.#conclude(await this.#use.established(turn), { flight, received }, roomOctets);
      }
      case "failed":
        if (turn.bytes.length === 0) return failed(turn.failure);
        this.#phase = { kind: "alerted", failure: turn.failure };
        return this.#send(turn.bytes, roomOctets);
      case "silent":
        if (this.#phase.kind === "listening" && turn.received.length > 0)
          return this.#heard(this.#phase.hear, turn.received, roomOctets);
        return broken("The client sent an incomplete TLS message, or one out of turn.");
      case "lost":
        return turn;
    }
  }

  async #heard(hear: Hear, data: Buffer, roomOctets: number): Promise<Step> {
    return this.#conclude(await hear(data), { flight: NOTHING, received: NOTHING }, roomOctets);
  }

  /** `flight`: what TLS has yet to say. A client that is refused does not get it, and with it no ticket. */
  async #conclude(outcome: TlsOutcome, { flight, received }: LastFlights, roomOctets: number): Promise<Step> {
    switch (outcome.kind) {
      case "failure":
        return failed(outcome.failure);
      case "silence":
        return outcome;
      case "listen": {
        const { hear } = outcome;
        if (flight.length === 0 && received.length > 0) return this.#heard(hear, received, roomOctets);
        this.#phase = { kind: "listening", hear, early: received, isPrompted: false };
        return this.#send(flight, roomOctets);
      }
      case "success":
        if (flight.length === 0) return outcome;
        this.#phase = { ...outcome, kind: "finished" };
        return this.#send(flight, roomOctets);
    }
  }

  #send(bytes: Buffer, roomOctets: number): Step {
    return { kind: "request", typeData: this.#fragments.send(bytes, roomOctets) };
  }
}

function broken(sentence: string): Step {
  return failed(eapFailure("protocolError", sentence));
}

function failed(failure: EapFailure): Step {
  return { kind: "failure", failure };
}
