import type { NasId } from "../domain/identifiers.ts";
import type { Log } from "../runtime/log.ts";
import { answerAccessRequest } from "./access-request.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import { createAccountingCopies } from "./accounting-copies.ts";
import type { AccountingCopies } from "./accounting-copies.ts";
import { answerAccountingRequest } from "./accounting-request.ts";
import { createAdmission } from "./admission.ts";
import { createAuthenticationLog } from "./authentication-log.ts";
import { createDropLog } from "./drop-log.ts";
import type { EdgeMetrics } from "./edge-metrics.ts";
import type { NasProfiles } from "./nas-profiles.ts";
import type { Peer } from "./peer.ts";
import { createReception } from "./reception.ts";
import type { Entrance, Receive, Remote, Taken } from "./reception.ts";
import { NotRecordedError } from "./recorder.ts";
import { NO_ATTRIBUTES } from "./wire/attribute-block.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Drop } from "./wire/drop-reason.ts";
import { buildResponse } from "./wire/exchange.ts";
import type { ResponseDraft } from "./wire/exchange.ts";
import { unmappedAddress } from "./wire/ip-address.ts";
import type { Packet } from "./wire/packet.ts";

interface DispatchOptions {
  readonly context: AccessContext;
  readonly profiles: NasProfiles;
  readonly metrics: EdgeMetrics;
  readonly log: Log;
}

/** What a packet gets: octets to send back, or silence, which was counted. */
export interface Dispatch {
  answer(entrance: Entrance, datagram: Buffer, remote: Remote): Promise<Buffer | Drop>;
  /** Begins nothing new; resolves when what was begun is answered, or after a few seconds. */
  drain(): Promise<void>;
}

export function createDispatch({ context, profiles, metrics, log }: DispatchOptions): Dispatch {
  const { recorder, conversations, now } = context;
  const work = { waitingMs: () => recorder.waitingMs(), conversations: () => conversations.size() };
  const admission = createAdmission({ work, log });
  const reception = createReception({ admission, profiles, now });
  const copies = createAccountingCopies();
  const dropLog = createDropLog(log);
  const authenticationLog = createAuthenticationLog(log);

  const receive: Receive = (entrance, datagram, remote) => {
    try {
      return reception(entrance, datagram, remote);
    } catch (error) {
      return faultOf(error, undefined, log);
    }
  };
  const tell = ({ draft, authentication }: Answer & { readonly kind: "answer" }, seconds: number): void => {
    metrics.answered(draft.code, seconds);
    if (authentication === undefined) return;
    metrics.authenticated(authentication, seconds);
    authenticationLog.note(authentication, seconds);
  };
  const silent = (dropped: Drop, { address }: Remote): Drop => {
    metrics.dropped(dropped.reason);
    dropLog.note(dropped.reason, unmappedAddress(address), now());
    return dropped;
  };

  return {
    // One function that waits, and not one in another: each such frame is as much garbage as the answer itself.
    async answer(entrance, datagram, remote) {
      const received = receive(entrance, datagram, remote);
      if (received.kind === "answered") return received.bytes;
      if (received.kind === "drop") return silent(received, remote);
      const startedAt = performance.now();
      let bytes: Buffer | undefined;
      try {
        const answer = await answerTo(received, context, copies);
        if (answer.kind === "drop") return silent(answer, remote);
        const encoded = encode(answer.draft, received.packet, received.peer);
        tell(answer, (performance.now() - startedAt) / 1_000);
        return (bytes = encoded);
      } catch (error) {
        return silent(faultOf(error, received.peer.nas.id, log), remote);
      } finally {
        received.settle(bytes);
      }
    },
    drain: () => admission.drain(),
  };
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

function answerTo(
  { packet, service, peer }: Taken,
  context: AccessContext,
  copies: AccountingCopies,
): Promise<Answer> | Answer {
  if (packet.code === "Access-Request") return answerAccessRequest(packet, peer, context);
  if (packet.code === "Accounting-Request") return answerAccountingRequest(packet, peer, context, copies);
  // RFC 5997 §3: we are here.
  const code = service === "authentication" ? "Access-Accept" : "Accounting-Response";
  return { kind: "answer", draft: { code, block: NO_ATTRIBUTES, attributes: [] } };
}
