import type { Secret } from "../../domain/secret.ts";
import { readErrorCause } from "./attribute-readers.ts";
import { writeEventTimestamp } from "./attribute-writers.ts";
import type { Drop } from "./drop-reason.ts";
import { buildRequest, verifyResponse } from "./exchange.ts";
import type { Attribute, Encoded } from "./packet.ts";
import type { DynamicAuthorizationCode } from "./packet-code.ts";

/** What a CoA- or Disconnect-Request is to say. */
export interface DynamicAuthorizationDraft {
  readonly code: DynamicAuthorizationCode;
  /** 0–255, not in flight to this NAS from the same socket. */
  readonly identifier: number;
  /** Epoch milliseconds; NASes refuse what is more than about 300 s off their own clock (RFC 5176 §6.3). */
  readonly sentAt: number;
  /** What names the session, and what is to become of it. */
  readonly attributes: readonly Attribute[];
}

/**
 * A signed request. A retransmission sends these bytes again, unchanged (RFC 5176 §2.3: the Identifier changes with the
 * attributes); a fresh Event-Timestamp is a new request with a new identifier.
 */
export function buildDynamicAuthorization(draft: DynamicAuthorizationDraft, secret: Secret): Encoded {
  const { code, identifier } = draft;
  return buildRequest(
    { code, identifier, attributes: [writeEventTimestamp(draft.sentAt), ...draft.attributes] },
    secret,
  );
}

export type DynamicAuthorizationAnswer =
  | { readonly kind: "acknowledged" }
  | { readonly kind: "refused"; readonly errorCause: number | undefined }
  | Drop;

/** What a NAS said to `request` (as it was sent). A drop is no answer at all: go on waiting. */
export function readDynamicAuthorizationAnswer(
  datagram: Buffer,
  request: Buffer,
  secret: Secret,
): DynamicAuthorizationAnswer {
  const verified = verifyResponse(datagram, request, secret);
  if (verified.kind === "drop") return verified;
  const { code } = verified.packet;
  if (code === "CoA-ACK" || code === "Disconnect-ACK") return { kind: "acknowledged" };
  return { kind: "refused", errorCause: readErrorCause(verified.packet) };
}
