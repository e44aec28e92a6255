import type { CoaOutcome } from "../../domain/coa.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { nasKey, openCoaSocket } from "./socket.ts";
import type { Place } from "./socket.ts";
import { createCoaWindow, NAS_WINDOW } from "./window.ts";
import type { Passage } from "./window.ts";
import { buildDynamicAuthorization, readDynamicAuthorizationAnswer } from "../wire/dynamic-authorization.ts";
import { describeErrorCause, ERROR_CAUSE } from "../wire/error-cause.ts";
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

export interface CoaClient {
  /** Never rejects: what the NAS said, or that it said nothing. */
  send(request: CoaRequest): Promise<CoaOutcome>;
  close(): void;
}

/** RFC 5080 §2.2.1: initial time 2 s, doubled each time; with three sends the whole takes 14 s (behaviour 5.6: 15 s). */
const FIRST_RETRY_MS = 2 * SECOND_MS;
const SENDS = 3;
/** ±10 % of each wait, so that many CoAs to one NAS do not come in step. */
const JITTER = 0.1;
/** How long a request may wait for its turn: its sender waits 25 s in all. */
const QUEUE_MS = 8 * SECOND_MS;
/** Enough that the window of a NAS, not its identifiers, is the limit. */
const SOCKETS = NAS_WINDOW.most / 256;

/**
 * The dynamic authorization client (RFC 5176 §2.3): retransmissions of the same octets, answers believed only with the
 * right authenticator and from the address that was asked. How many are under way is the window's to say.
 */
export async function openCoaClient(host: string): Promise<CoaClient> {
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => openCoaSocket(host)));
  const window = createCoaWindow();
  const pending = new Set<(outcome: CoaOutcome) => void>();
  let turn = 0;
  /** On the sockets in turn. */
  const takePlace: TakePlace = ({ address, port }) => {
    for (let tried = 0; tried < SOCKETS; tried++) {
      turn = (turn + 1) % SOCKETS;
      const place = sockets[turn]!.take(address, port);
      if (place !== undefined) return place;
    }
    return undefined;
  };
  return {
    send: (request) =>
      new Promise((resolve) => {
        let stop: (() => void) | undefined;
        const finish = (outcome: CoaOutcome): void => {
          if (!pending.delete(finish)) return;
          stop?.();
          resolve(outcome);
        };
        pending.add(finish);
        const passage = window.enter(nasKey(request.address, request.port), (admitted) => {
          stop?.();
          stop = exchange(request, takePlace, admitted, finish);
        });
        if (stop !== undefined) return;
        const impatience = setTimeout(() => {
          if (passage.withdraw()) finish(coaNotSent("too many requests to this NAS are unanswered"));
        }, QUEUE_MS);
        stop = () => clearTimeout(impatience);
      }),
    close() {
      for (const finish of pending) finish(coaNotSent("the edge is stopping"));
      for (const socket of sockets) socket.close();
    },
  };
}

type TakePlace = (request: CoaRequest) => Place | undefined;

/** Asks, and tells `finish` how that ended. Calling what it returns ends it. */
function exchange(
  request: CoaRequest,
  takePlace: TakePlace,
  passage: Passage,
  finish: (outcome: CoaOutcome) => void,
): () => void {
  const { secret } = request;
  const end = (outcome: CoaOutcome, isAnswer: boolean): void => {
    finish(outcome);
    passage.leave(isAnswer);
  };
  const refuse = (text: string): (() => void) => {
    end(coaNotSent(text), false);
    return () => undefined;
  };
  const place = takePlace(request);
  if (place === undefined) return refuse("every identifier of this NAS is taken");
  const encoded = buildDynamicAuthorization({ ...request, identifier: place.identifier, sentAt: Date.now() }, secret);
  if (encoded.kind === "refused") {
    place.release();
    return refuse(encoded.sentence);
  }
  const { bytes } = encoded;
  let timer: NodeJS.Timeout | undefined;
  const transmit = (sends: number, waitMs: number): void => {
    if (sends === SENDS) return end({ kind: "noAnswer", attempts: sends }, false);
    if (sends > 0) passage.overdue();
    place.send(bytes);
    const jittered = waitMs * (1 - JITTER + 2 * JITTER * Math.random());
    timer = setTimeout(() => transmit(sends + 1, 2 * waitMs), jittered);
  };
  place.listen((datagram) => {
    const answer = readDynamicAuthorizationAnswer(datagram, bytes, secret);
    if (answer.kind !== "drop") end(coaOutcomeOf(answer), true);
  });
  transmit(0, FIRST_RETRY_MS);
  return () => {
    clearTimeout(timer);
    place.release();
  };
}

/** What an answer means. */
export function coaOutcomeOf(
  answer: { readonly kind: "acknowledged" } | { readonly kind: "refused"; readonly errorCause: number | undefined },
): CoaOutcome {
  if (answer.kind === "acknowledged") return answer;
  const { errorCause } = answer;
  if (errorCause === ERROR_CAUSE.sessionContextNotFound) return { kind: "sessionGone" };
  // RFC 5176 §3.5: the NAS has begun what was asked; its own Access-Request will tell the rest.
  if (errorCause === ERROR_CAUSE.requestInitiated) return { kind: "acknowledged" };
  return { kind: "refused", errorCause, text: describeErrorCause(errorCause) };
}

/** Why nothing was sent. */
export function coaNotSent(text: string): CoaOutcome {
  return { kind: "notSent", text };
}
