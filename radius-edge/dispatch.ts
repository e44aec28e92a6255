import type { RemoteInfo } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../runtime/log.ts";
import { answerAccessRequest } from "./access-request.ts";
import type { AccessContext, Answer } from "./access-request.ts";
import { answerAccountingRequest } from "./accounting-request.ts";
import { createDuplicates } from "./duplicates.ts";
import type { EdgeMetrics } from "./edge-metrics.ts";
import type { NasProfile } from "./nas-profiles.ts";
import type { Peer } from "./peer.ts";
import { NotRecordedError } from "./recorder.ts";
import { readNasIdentifier } from "./wire/attribute-readers.ts";
import { describeDrop, drop } from "./wire/drop-reason.ts";
import type { Drop } from "./wire/drop-reason.ts";
import { buildResponse, verifyRequest } from "./wire/exchange.ts";
import { decodePacket } from "./wire/packet.ts";
import type { Packet } from "./wire/packet.ts";

export type Service = "authentication" | "accounting";

export interface DispatchOptions {
  readonly context: AccessContext;
  readonly profiles: ReadonlyMap<string, NasProfile>;
  readonly metrics: EdgeMetrics;
  readonly log: Log;
}

/** What a datagram gets: octets to send back, or silence that was counted. */
export interface Dispatch {
  answer(service: Service, datagram: Buffer, remote: RemoteInfo): Promise<Buffer | undefined>;
  /** Takes no new requests; resolves when those in hand are answered, or after a few seconds. */
  drain(): Promise<void>;
}

/** Requests in hand beyond which new ones are dropped: what cannot be answered in time is better asked again later. */
const MOST_IN_HAND = 20_000;
const DRAIN_MS = 3_000;

/** Each datagram is bounded, attributed to a NAS, verified and checked for repetition before anything reads it. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { context, metrics, log } = options;
  const duplicates = createDuplicates();
  let inHand = 0;
  let isDraining = false;

  const admit = (service: Service, datagram: Buffer, remote: RemoteInfo): Admitted | Drop => {
    const decoded = decodePacket(datagram);
    if (decoded.kind === "drop") return decoded;
    const { packet } = decoded;
    const fault = serviceFault(packet, service);
    if (fault !== undefined) return fault;
    const peer = peerOf(packet, remote, options);
    if (peer === undefined) return drop("unknown-nas");
    const verified = verifyRequest(packet, peer.secret);
    if (verified.kind === "drop") return verified;
    if (isDraining) return drop("shutting-down");
    return inHand < MOST_IN_HAND ? { kind: "admitted", packet, peer } : drop("overload");
  };

  const work = async (service: Service, { packet, peer }: Admitted): Promise<Buffer | Drop> => {
    const startedAt = performance.now();
    inHand++;
    try {
      const answer = await answerTo(packet, service, peer, context);
      if (answer.kind === "drop") return answer;
      const encoded = buildResponse(answer.draft, packet, peer.secret);
      if (encoded.kind === "refused") throw new RangeError(encoded.sentence);
      metrics.answered(answer.draft.code, (performance.now() - startedAt) / 1_000);
      return encoded.bytes;
    } catch (error) {
      log.error({ err: error, nas: peer.nas.id }, "a request could not be answered");
      return drop(error instanceof NotRecordedError ? "event-not-recorded" : "internal-error");
    } finally {
      inHand--;
    }
  };

  const serve = async (service: Service, datagram: Buffer, remote: RemoteInfo): Promise<Buffer | Drop> => {
    const admitted = admit(service, datagram, remote);
    if (admitted.kind === "drop") return admitted;
    const arrival = duplicates.arrive(repetitionKey(service, admitted.packet, remote), context.now());
    if (arrival.kind === "inFlight") return drop("duplicate-in-flight");
    if (arrival.kind === "answered") return arrival.bytes;
    const result = await work(service, admitted);
    arrival.answer(Buffer.isBuffer(result) ? result : undefined);
    return result;
  };

  return {
    async answer(service, datagram, remote) {
      const result = await serve(service, datagram, remote);
      if (Buffer.isBuffer(result)) return result;
      metrics.dropped(result.reason);
      log.debug({ reason: result.reason, peer: remote.address, service }, describeDrop(result.reason));
      return undefined;
    },
    async drain() {
      isDraining = true;
      for (const end = Date.now() + DRAIN_MS; inHand > 0 && Date.now() < end;) await sleep(10);
    },
  };
}

interface Admitted {
  readonly kind: "admitted";
  readonly packet: Packet;
  readonly peer: Peer;
}

/** RFC 5080 §2.2.2: the same peer, identifier and authenticator are the same request. */
function repetitionKey(service: Service, packet: Packet, { address, port }: RemoteInfo): string {
  return `${service} ${address} ${port} ${packet.identifier} ${packet.authenticator.toString("latin1")}`;
}

/** RFC 2865 §3, RFC 2866 §3, RFC 5997 §3: what each port serves. */
function serviceFault({ code }: Packet, service: Service): Drop | undefined {
  if (code === "Status-Server") return undefined;
  if (code !== "Access-Request" && code !== "Accounting-Request") return drop("unsupported-code");
  return (code === "Access-Request") === (service === "authentication") ? undefined : drop("wrong-port");
}

function peerOf(packet: Packet, remote: RemoteInfo, { context, profiles }: DispatchOptions): Peer | undefined {
  const nas = context.snapshot.findNas(remote.address, () => readNasIdentifier(packet));
  if (nas?.secret === undefined) return undefined;
  const vendor = profiles.get(nas.profile)?.vendor ?? undefined;
  return { nas, secret: nas.secret, sourceAddress: remote.address, vendor };
}

function answerTo(packet: Packet, service: Service, peer: Peer, context: AccessContext): Promise<Answer> | Answer {
  if (packet.code === "Access-Request") return answerAccessRequest(packet, peer, context);
  if (packet.code === "Accounting-Request") return answerAccountingRequest(packet, peer, context);
  // RFC 5997 §3: we are here.
  const code = service === "authentication" ? "Access-Accept" : "Accounting-Response";
  return { kind: "answer", draft: { code, attributes: [] } };
}
