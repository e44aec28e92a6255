import type { Socket } from "node:dgram";
import type { CoaOutcome } from "../domain/coa.ts";
import type { Secret } from "../domain/secret.ts";
import { SECOND_MS } from "../domain/time.ts";
import { bindUdp } from "./udp-socket.ts";
import { buildDynamicAuthorization, readDynamicAuthorizationAnswer } from "./wire/dynamic-authorization.ts";
import { describeErrorCause, ERROR_CAUSE } from "./wire/error-cause.ts";
import type { Attribute } from "./wire/packet.ts";
import type { DynamicAuthorizationCode } from "./wire/packet-code.ts";

/** One request to one NAS. */
interface CoaRequest {
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

interface Awaited {
  readonly bytes: Buffer;
  readonly secret: Secret;
  readonly settle: (outcome: CoaOutcome) => void;
}

/**
 * The dynamic authorization client (RFC 5176 §2.3): one socket, identifiers apart for each NAS, retransmissions of the
 * same octets, answers believed only with the right authenticator and from the address that was asked.
 */
export async function openCoaClient(host: string): Promise<CoaClient> {
  const awaited = new Map<string, Awaited>();
  const lastIdentifier = new Map<string, number>();
  const socket: Socket = await bindUdp({ host, port: 0, variable: "PORTCULLIS_HOST" }, (datagram, peer) => {
    const waiting = awaited.get(keyOf(peer.address, peer.port, datagram[1] ?? 0));
    if (waiting === undefined) return;
    const answer = readDynamicAuthorizationAnswer(datagram, waiting.bytes, waiting.secret);
    if (answer.kind !== "drop") waiting.settle(outcomeOf(answer));
  });

  const freeIdentifier = (address: string, port: number): number | undefined => {
    const nas = `${address} ${port}`;
    const last = lastIdentifier.get(nas) ?? -1;
    for (let step = 1; step <= 256; step++) {
      const identifier = (last + step) % 256;
      if (awaited.has(keyOf(address, port, identifier))) continue;
      lastIdentifier.set(nas, identifier);
      return identifier;
    }
    return undefined;
  };

  return {
    send(request) {
      const { address, port, secret, code, attributes } = request;
      const identifier = freeIdentifier(address, port);
      if (identifier === undefined) return Promise.resolve(notSent("256 requests to this NAS are already unanswered"));
      const encoded = buildDynamicAuthorization({ code, identifier, sentAt: Date.now(), attributes }, secret);
      if (encoded.kind === "refused") return Promise.resolve(notSent(encoded.sentence));
      const { bytes } = encoded;
      return new Promise((resolve) => {
        const key = keyOf(address, port, identifier);
        let timer: NodeJS.Timeout | undefined;
        const settle = (outcome: CoaOutcome): void => {
          clearTimeout(timer);
          awaited.delete(key);
          resolve(outcome);
        };
        awaited.set(key, { bytes, secret, settle });
        const transmit = (sends: number, waitMs: number): void => {
          if (sends === SENDS) return settle({ kind: "noAnswer", attempts: sends });
          // A refused port (ICMP) is no answer either: the next try may find the NAS back.
          socket.send(bytes, port, address, () => undefined);
          const jittered = waitMs * (1 - JITTER + 2 * JITTER * Math.random());
          timer = setTimeout(() => transmit(sends + 1, 2 * waitMs), jittered);
        };
        transmit(0, FIRST_RETRY_MS);
      });
    },
    close() {
      for (const { settle } of awaited.values()) settle(notSent("the edge is stopping"));
      socket.close();
    },
  };
}

function outcomeOf(
  answer: { readonly kind: "acknowledged" } | { readonly kind: "refused"; readonly errorCause: number | undefined },
): CoaOutcome {
  if (answer.kind === "acknowledged") return answer;
  const { errorCause } = answer;
  if (errorCause === ERROR_CAUSE.sessionContextNotFound) return { kind: "sessionGone" };
  // RFC 5176 §3.5: the NAS has begun what was asked; its own Access-Request will tell the rest.
  if (errorCause === ERROR_CAUSE.requestInitiated) return { kind: "acknowledged" };
  return { kind: "refused", errorCause, text: describeErrorCause(errorCause) };
}

function notSent(text: string): CoaOutcome {
  return { kind: "notSent", text };
}

function keyOf(address: string, port: number, identifier: number): string {
  return `${address} ${port} ${identifier}`;
}
