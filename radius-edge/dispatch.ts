import type { NasId } from "../domain/identifiers.ts";
import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "../runtime/log.ts";
import { answerAccessRequest } from "./access-request.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import { createAccountingCopies } from "./accounting-copies.ts";
import type { AccountingCopies } from "./accounting-copies.ts";
import { answerAccountingRequest } from "./accounting-request.ts";
import { createAdmission } from "./admission.ts";
import { createAuthenticationLog } from "./authentication-log.ts";
import { createDropLog } from "./drop-log.ts";
import type { Duplicates } from "./duplicates.ts";
import type { EdgeMetrics } from "./edge-metrics.ts";
import type { NasProfiles } from "./nas-profiles.ts";
import type { Peer } from "./peer.ts";
import { NotRecordedError } from "./recorder.ts";
import { NO_ATTRIBUTES } from "./wire/attribute-block.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Drop } from "./wire/drop-reason.ts";
import { buildResponse } from "./wire/exchange.ts";
import type { ResponseDraft } from "./wire/exchange.ts";
import { unmappedAddress } from "./wire/ip-address.ts";
import { decodePacket } from "./wire/packet.ts";
import type { Packet } from "./wire/packet.ts";

export type Service = "authentication" | "accounting";

export interface DispatchOptions {
  readonly context: AccessContext;
  readonly profiles: NasProfiles;
  readonly metrics: EdgeMetrics;
  readonly log: Log;
}

/** Where packets come in: a UDP socket, or one TLS connection. */
export interface Entrance {
  /** What came through it lately: the same octets through two doors are two requests. */
  readonly duplicates: Duplicates;
  readonly serves: Service | "both";
  nasOf(packet: Packet, address: string): Nas | undefined;
  /** The secret that `packet` was verified with. `now`: epoch milliseconds. */
  verify(packet: Packet, nas: Nas, now: number): Secret | Drop;
}

/** The peer that sent a packet. */
interface Remote {
  readonly address: string;
  readonly port: number;
}

/** What a packet gets: octets to send back, or silence, which was counted. */
export interface Dispatch {
  answer(entrance: Entrance, datagram: Buffer, remote: Remote): Promise<Buffer | Drop>;
  /** Begins nothing new; resolves when what was begun is answered, or after a few seconds. */
  drain(): Promise<void>;
}

/** Each packet is bounded, attributed to a NAS, verified and checked for repetition before anything reads it. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { context, metrics, log } = options;
  const { recorder, conversations } = context;
  const work = { waitingMs: () => recorder.waitingMs(), conversations: () => conversations.size() };
  const admission = createAdmission({ work, log });
  const copies = createAccountingCopies();
  const dropLog = createDropLog(log);
  const authenticationLog = createAuthenticationLog(log);

  const tell = ({ draft, authentication }: Answer & { readonly kind: "answer" }, seconds: number): void => {
    metrics.answered(draft.code, seconds);
    if (authentication === undefined) return;
    metrics.authenticated(authentication, seconds);
    authenticationLog.note(authentication, seconds);
  };

  const workOn = async ({ service, packet, peer }: Admitted): Promise<Buffer | Drop> => {
    const refused = admission.enter(packet, peer.nas.id);
    if (refused !== undefined) return refused;
    const startedAt = performance.now();
    try {
      const answer = await answerTo(packet, service, peer, context, copies);
      if (answer.kind === "drop") return answer;
      const bytes = encode(answer.draft, packet, peer);
      tell(answer, (performance.now() - startedAt) / 1_000);
      return bytes;
    } catch (error) {
      return faultOf(error, peer.nas.id, log);
    } finally {
      admission.leave(peer.nas.id);
    }
  };

  const serve = async (entrance: Entrance, datagram: Buffer, remote: Remote): Promise<Buffer | Drop> => {
    try {
      const admitted = admit(entrance, datagram, remote, options);
      if (admitted.kind === "drop") return admitted;
      const { address, port } = remote;
      const arrival = entrance.duplicates.arrive({ address, port, packet: admitted.packet }, context.now());
      if (arrival.kind === "inFlight") return drop("duplicate-in-flight");
      if (arrival.kind === "answered") return arrival.bytes;
      const result = await workOn(admitted);
      arrival.answer(Buffer.isBuffer(result) ? result : undefined);
      return result;
    } catch (error) {
      return faultOf(error, undefined, log);
    }
  };

  return {
    async answer(entrance, datagram, remote) {
      const result = await serve(entrance, datagram, remote);
      if (Buffer.isBuffer(result)) return result;
      metrics.dropped(result.reason);
      dropLog.note(result.reason, unmappedAddress(remote.address), context.now());
      return result;
    },
    drain: () => admission.drain(),
  };
}

function admit(
  entrance: Entrance,
  datagram: Buffer,
  { address }: Remote,
  { context, profiles }: DispatchOptions,
): Admitted | Drop {
  const decoded = decodePacket(datagram);
  if (decoded.kind === "drop") return decoded;
  const { packet } = decoded;
  const service = serviceOf(packet, entrance.serves);
  if (typeof service !== "string") return service;
  const nas = entrance.nasOf(packet, address);
  if (nas === undefined) return drop("unknown-nas");
  const secret = entrance.verify(packet, nas, context.now());
  if ("kind" in secret) return secret;
  const peer = { nas, secret, sourceAddress: unmappedAddress(address), profile: profiles.of(nas.profile, packet) };
  return { kind: "admitted", service, packet, peer };
}

/** A fault of ours costs one answer, not the edge. */
function faultOf(error: unknown, nas: NasId | undefined, log: Log): Drop {
  log.error({ err: error, nas }, "a request could not be answered");
  return drop(error instanceof NotRecordedError ? "event-not-recorded" : "internal-error");
}

function encode(draft: ResponseDraft, packet: Packet, { secret }: Peer): Buffer {
  const encoded = buildResponse(draft, packet, secret);
  if (encoded.kind === "refused") throw new RangeError(encoded.sentence);
  return encoded.bytes;
}

interface Admitted {
  readonly kind: "admitted";
  readonly service: Service;
  readonly packet: Packet;
  readonly peer: Peer;
}

/** RFC 2865 §3, RFC 2866 §3: what each port serves; RadSec has one for both, and says nothing of the two (RFC 6614 §2.5). */
function serviceOf({ code }: Packet, serves: Entrance["serves"]): Service | Drop {
  // RFC 5997 §3: the answer is that of the port.
  if (code === "Status-Server") return serves === "accounting" ? "accounting" : "authentication";
  if (code !== "Access-Request" && code !== "Accounting-Request") return drop("unsupported-code");
  const service = code === "Access-Request" ? "authentication" : "accounting";
  return serves === "both" || serves === service ? service : drop("wrong-port");
}

function answerTo(
  packet: Packet,
  service: Service,
  peer: Peer,
  context: AccessContext,
  copies: AccountingCopies,
): Promise<Answer> | Answer {
  if (packet.code === "Access-Request") return answerAccessRequest(packet, peer, context);
  if (packet.code === "Accounting-Request") return answerAccountingRequest(packet, peer, context, copies);
  // RFC 5997 §3: we are here.
  const code = service === "authentication" ? "Access-Accept" : "Accounting-Response";
  return { kind: "answer", draft: { code, block: NO_ATTRIBUTES, attributes: [] } };
}
