/**
 * What the methods on TLS have in common, phase by phase: a handshake in fragments (RFC 5216 §2.1), what the method makes
 * of the tunnel then, and an end that the client can hear. Each method says the rest in a `TlsUse`.
 */
import { type EapFailure, eapFailure } from "./failure.ts";
import type { Awaitable, EapEvidence, EapMethod, Step } from "./method.ts";
import { handshakeFailure } from "./tls-failure.ts";
import { TLS_START, TlsFragments } from "./tls-fragments.ts";
import { mskOf, type TlsMethodName } from "./tls-keys.ts";
import type { TlsTunnel } from "./tls-tunnel.ts";

/** One conversation's use of TLS by one method. */
export interface TlsUse {
  readonly method: TlsMethodName;
  /** Lays our end of TLS over a new tunnel. `hello`: the client's first message, which it is yet to receive. */
  open(hello: Buffer): TlsTunnel;
  /** The handshake is over. */
  established(tunnel: TlsTunnel): Awaitable<TlsOutcome>;
}

export type TlsOutcome =
  /** `parting`: application data by which the client learns that nothing more follows. */
  | { readonly kind: "success"; readonly evidence: EapEvidence; readonly parting?: Buffer }
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
  | { readonly kind: "finished"; readonly evidence: EapEvidence }
  /** Our alert is out: RFC 5216 §2.1.3 lets the client see it before EAP-Failure. */
  | { readonly kind: "alerted"; readonly failure: EapFailure };

const NOTHING = Buffer.alloc(0);

export class TlsMethod implements EapMethod {
  readonly #use: TlsUse;
  readonly #fragments = new TlsFragments();
  #tunnel: TlsTunnel | undefined;
  #phase: Phase = { kind: "handshake" };
  #isClosed = false;

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
    this.#isClosed = true;
    this.#tunnel?.destroy();
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
        return this.#succeed(phase.evidence);
      case "alerted":
        return failed(phase.failure);
    }
  }

  async #message(bytes: Buffer, roomOctets: number): Promise<Step> {
    if (this.#phase.kind === "alerted") return failed(this.#phase.failure);
    // Only now: an Identity costs its sender nothing, a TLS engine costs us 70 KB.
    this.#tunnel ??= this.#use.open(bytes);
    const turn = await this.#tunnel.receive(bytes);
    switch (turn.kind) {
      case "flight":
        return this.#phase.kind === "listening"
          ? broken("The client went on with a handshake that was over.")
          : this.#send(turn.bytes, roomOctets);
      case "established":
        return this.#conclude(await this.#use.established(this.#tunnel), turn.bytes, roomOctets);
      case "failed": {
        const failure = handshakeFailure(turn.error);
        if (turn.bytes.length === 0) return failed(failure);
        this.#phase = { kind: "alerted", failure };
        return this.#send(turn.bytes, roomOctets);
      }
      case "silent": {
        const data = this.#tunnel.takeReceived();
        if (this.#phase.kind === "listening" && data.length > 0) return this.#heard(this.#phase.hear, data, roomOctets);
        return broken("The client sent an incomplete TLS message, or one out of turn.");
      }
    }
  }

  async #heard(hear: Hear, data: Buffer, roomOctets: number): Promise<Step> {
    return this.#conclude(await hear(data), NOTHING, roomOctets);
  }

  /** `flight`: what TLS has yet to say. A client that is refused does not get it, and with it no ticket. */
  async #conclude(outcome: TlsOutcome, flight: Buffer, roomOctets: number): Promise<Step> {
    switch (outcome.kind) {
      case "failure":
        return failed(outcome.failure);
      case "silence":
        return outcome;
      case "listen": {
        const { hear } = outcome;
        const rest = await this.#write(NOTHING);
        if (rest === undefined) return broken("TLS ended when the handshake was over.");
        const early = this.#tunnel?.takeReceived() ?? NOTHING;
        const lastFlight = Buffer.concat([flight, rest]);
        if (lastFlight.length === 0 && early.length > 0) return this.#heard(hear, early, roomOctets);
        this.#phase = { kind: "listening", hear, early, isPrompted: false };
        return this.#send(lastFlight, roomOctets);
      }
      case "success": {
        const { parting, evidence } = outcome;
        const rest = parting === undefined ? NOTHING : await this.#write(parting);
        if (rest === undefined) return broken("TLS ended before the handshake was confirmed.");
        const lastWord = Buffer.concat([flight, rest]);
        if (lastWord.length === 0) return this.#succeed(evidence);
        this.#phase = { kind: "finished", evidence };
        return this.#send(lastWord, roomOctets);
      }
    }
  }

  /**
   * The records of `data`, after those of the session tickets, which OpenSSL has queued by now: a client reads in order,
   * and stops at what it awaits. `undefined` when TLS has failed.
   */
  async #write(data: Buffer): Promise<Buffer | undefined> {
    const turn = await this.#tunnel?.write(data);
    if (turn?.kind === "silent") return NOTHING;
    return turn?.kind === "flight" ? turn.bytes : undefined;
  }

  #succeed(evidence: EapEvidence): Step {
    if (this.#tunnel === undefined || this.#isClosed)
      return failed(eapFailure("internalError", "The conversation ended before its keys were exported."));
    return { kind: "success", evidence, msk: mskOf(this.#tunnel, this.#use.method) };
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
