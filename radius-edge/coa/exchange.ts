import type { CoaOutcome } from "../../domain/coa.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { coaBusy, coaNotSent, coaOutcomeOf } from "./outcome.ts";
import { nasKey } from "./socket.ts";
import type { Place } from "./socket.ts";
import type { CoaWindow, Passage } from "./window.ts";
import { buildDynamicAuthorization, readDynamicAuthorizationAnswer } from "../wire/dynamic-authorization.ts";
import type { Attribute } from "../wire/packet.ts";
import type { DynamicAuthorizationCode } from "../wire/packet-code.ts";

/** One request to one NAS. */
export interface CoaRequest {
  readonly address: string;
  readonly port: number;
  readonly secret: Secret;
  readonly code: DynamicAuthorizationCode;
  readonly attributes: readonly Attribute[];
}

/** RFC 5080 §2.2.1: initial time 2 s, doubled each time; with three sends the whole takes 14 s (behaviour 5.6: 15 s). */
const FIRST_RETRY_MS = 2 * SECOND_MS;
const SENDS = 3;
/** ±10 % of each wait, so that many CoAs to one NAS do not come in step. */
const JITTER = 0.1;
/** How long a request may wait for its turn: its sender waits 25 s in all. */
const QUEUE_MS = 8 * SECOND_MS;
/** In which all that waits in our sockets is read: some 2,000 answers at most (window.ts). */
const HEARING_MS = 250;
const NOTHING = Buffer.alloc(0);

export type TakePlace = (request: CoaRequest) => Place | undefined;

/**
 * One request's way: it waits for its turn, is sent, and sent again, until the NAS answers or has been silent for too long.
 * One object with one clock for all of them: thousands are under way at once, and timers and closures of their own would
 * cost each as much as its hashes do (measured).
 */
export class Exchange {
  readonly #request: CoaRequest;
  readonly #takePlace: TakePlace;
  /** Called once. */
  readonly #finish: (outcome: CoaOutcome) => void;
  #passage: Passage | undefined;
  #place: Place | undefined;
  #bytes: Buffer = NOTHING;
  #sends = 0;
  #waitMs = FIRST_RETRY_MS;
  /** By the clock of `performance.now`. */
  #dueAt = performance.now() + QUEUE_MS;
  #wasSpared = false;

  constructor(request: CoaRequest, takePlace: TakePlace, finish: (outcome: CoaOutcome) => void) {
    this.#request = request;
    this.#takePlace = takePlace;
    this.#finish = finish;
  }

  enter(window: CoaWindow): void {
    const { address, port } = this.#request;
    this.#passage = window.enter(nasKey(address, port), (passage) => {
      this.#passage = passage;
      this.#attempt(() => this.#begin());
    });
  }

  /**
   * Does what is due. When this process has stood still, answers that came meanwhile wait in its sockets yet: what would be due
   * before they are read is spared. Only once for each send, for a process that never comes to rest must give up as well.
   */
  look(now: number, hasStoodStill: boolean): void {
    const readBy = now + HEARING_MS;
    if (hasStoodStill && !this.#wasSpared && this.#dueAt < readBy) {
      this.#wasSpared = true;
      this.#dueAt = readBy;
    }
    if (now < this.#dueAt) return;
    if (this.#place === undefined) this.#giveUp("too many requests to this NAS are unanswered");
    else this.#attempt(() => this.#transmit(now));
  }

  stop(text: string): void {
    this.#place?.release();
    this.#finish(coaBusy(text));
  }

  #giveUp(text: string): void {
    if (this.#passage?.withdraw() === true) this.#finish(coaBusy(text));
  }

  /** What goes wrong with one request stays its own: it may begin at the end of another one's, and all have one clock. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#end(coaNotSent(error instanceof Error ? error.message : String(error)), false);
    }
  }

  #begin(): void {
    const { code, attributes, secret } = this.#request;
    const place = this.#takePlace(this.#request);
    this.#place = place;
    if (place === undefined) return this.#end(coaBusy("every identifier of this NAS is taken"), false);
    const draft = { code, identifier: place.identifier, sentAt: Date.now(), attributes };
    const encoded = buildDynamicAuthorization(draft, secret);
    if (encoded.kind === "refused") return this.#end(coaNotSent(encoded.sentence), false);
    const { bytes } = encoded;
    this.#bytes = bytes;
    place.listen((datagram) => {
      const answer = readDynamicAuthorizationAnswer(datagram, bytes, secret);
      if (answer.kind !== "drop") this.#end(coaOutcomeOf(answer), true);
    });
    this.#transmit(performance.now());
  }

  #transmit(now: number): void {
    if (this.#sends === SENDS) return this.#end({ kind: "noAnswer", attempts: SENDS }, false);
    if (this.#sends > 0) this.#passage!.overdue();
    this.#place!.send(this.#bytes);
    this.#sends++;
    this.#wasSpared = false;
    this.#dueAt = now + this.#waitMs * (1 - JITTER + 2 * JITTER * Math.random());
    this.#waitMs *= 2;
  }

  #end(outcome: CoaOutcome, isAnswer: boolean): void {
    this.#place?.release();
    this.#finish(outcome);
    this.#passage!.leave(isAnswer);
  }
}
