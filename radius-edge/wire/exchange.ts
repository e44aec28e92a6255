import { randomBytes } from "node:crypto";
import type { Secret } from "../../domain/secret.ts";
import { composePacket, NO_ATTRIBUTES } from "./attribute-block.ts";
import type { AttributeBlock } from "./attribute-block.ts";
import { ATTRIBUTE } from "./attribute-type.ts";
import {
  AUTHENTICATOR_OCTETS,
  requestAuthenticatorHolds,
  requestMessageAuthenticatorHolds,
  responseAuthenticatorHolds,
  responseMessageAuthenticatorHolds,
  signRequest,
  signResponse,
} from "./authenticator.ts";
import { drop } from "./drop-reason.ts";
import type { Drop } from "./drop-reason.ts";
import { decodePacket, encodePacket } from "./packet.ts";
import type { Attribute, Encoded, Packet } from "./packet.ts";
import { answers, carriesMessageAuthenticator, codeOf, hasNonce, isRequest } from "./packet-code.ts";
import type { HashedRequestCode, NonceRequestCode, PacketCode, ResponseCode } from "./packet-code.ts";
import { findAttribute } from "./scan.ts";

/** What a request is to say. The nonce of an Access-Request is chosen first, since passwords are hidden with it. */
export type RequestDraft = {
  /** 0–255. */
  readonly identifier: number;
  /** Without Message-Authenticator: that is put in front of them. */
  readonly attributes: readonly Attribute[];
} & ({ readonly code: NonceRequestCode; readonly authenticator: Buffer } | { readonly code: HashedRequestCode });

export interface ResponseDraft {
  readonly code: ResponseCode;
  /** What comes first, where it is encoded already. */
  readonly block?: AttributeBlock;
  /** Without Message-Authenticator and Proxy-State: the former is put in front of them, the latter behind. */
  readonly attributes: readonly Attribute[];
}

/** RFC 2865 §3: unpredictable and unique over the lifetime of the secret. */
export function newRequestAuthenticator(): Buffer {
  return randomBytes(AUTHENTICATOR_OCTETS);
}

const UNSIGNED = Buffer.alloc(AUTHENTICATOR_OCTETS);

/** A signed request, as a NAS or a dynamic authorization client sends it. */
export function buildRequest(draft: RequestDraft, secret: Secret): Encoded {
  const authenticator = "authenticator" in draft ? draft.authenticator : UNSIGNED;
  const head = { code: draft.code, identifier: draft.identifier, authenticator };
  const encoded = composePacket(head, NO_ATTRIBUTES, draft.attributes);
  if (encoded.kind === "encoded") signRequest(encoded.bytes, secret);
  return encoded;
}

/** The signed answer to a request, whose Proxy-States go back as they came and in their order (RFC 2865 §5.33). */
export function buildResponse(draft: ResponseDraft, request: Packet, secret: Secret): Encoded {
  const { code, block } = draft;
  const { identifier, authenticator } = request;
  const attributes = has(request, ATTRIBUTE.ProxyState)
    ? [...draft.attributes, ...request.attributes.filter(([type]) => type === ATTRIBUTE.ProxyState)]
    : draft.attributes;
  const head = { code, identifier, authenticator };
  const encoded =
    block === undefined
      ? encodePacket({ ...head, attributes: withMessageAuthenticator(code, attributes) })
      : composePacket(head, block, attributes);
  if (encoded.kind === "encoded") signResponse(encoded.bytes, authenticator, secret);
  return encoded;
}

function withMessageAuthenticator(code: PacketCode, attributes: readonly Attribute[]): readonly Attribute[] {
  return carriesMessageAuthenticator(code) ? [[ATTRIBUTE.MessageAuthenticator, UNSIGNED], ...attributes] : attributes;
}

/**
 * Whether a NAS must send Message-Authenticator. `if-present` is for old NASes that cannot: their requests without one
 * are then `unsigned`, unless they carry what an attacker could misuse (EAP, Proxy-State). `optional` is for old proxies
 * and lets Proxy-State pass too.
 */
export type MessageAuthenticatorRule = "required" | "if-present" | "optional";

/** `unsigned`: nothing proves that the sender knows the secret. */
export type VerifiedRequest = { readonly kind: "authentic" } | { readonly kind: "unsigned" } | Drop;

const AUTHENTIC = { kind: "authentic" } as const;
const UNPROVEN = { kind: "unsigned" } as const;

/** Whether the sender of a request knows the secret. */
export function verifyRequest(
  request: Packet,
  secret: Secret,
  rule: MessageAuthenticatorRule = "required",
): VerifiedRequest {
  const { code, bytes, messageAuthenticatorOffset: offset } = request;
  if (!isRequest(code)) return drop("unsupported-code");
  if (offset !== undefined && !requestMessageAuthenticatorHolds(bytes, offset, secret)) {
    return drop("message-authenticator-wrong");
  }
  if (!hasNonce(code) && !requestAuthenticatorHolds(bytes, secret)) return drop("request-authenticator-wrong");
  if (offset !== undefined) return AUTHENTIC;

  // RFC 3579 §3.1: EAP without Message-Authenticator is silently discarded, whatever the rule.
  if (has(request, ATTRIBUTE.EapMessage)) return drop("eap-without-message-authenticator");
  if (!hasNonce(code)) {
    const isRequired = rule === "required" && carriesMessageAuthenticator(code);
    return isRequired ? drop("message-authenticator-missing") : AUTHENTIC;
  }
  // RFC 5997 §2: Status-Server without it is never answered.
  if (rule === "required" || code === "Status-Server") return drop("message-authenticator-missing");
  // CVE-2024-3596: the collision needs room that the server echoes, and Proxy-State is that room.
  const isRefused = rule !== "optional" && has(request, ATTRIBUTE.ProxyState);
  return isRefused ? drop("proxy-state-without-message-authenticator") : UNPROVEN;
}

export type VerifiedResponse = { readonly kind: "packet"; readonly packet: Packet } | Drop;

/**
 * Reads a datagram as the answer to a request of ours, given as it was sent. Answers to Access-Request and Status-Server
 * must carry a Message-Authenticator (CVE-2024-3596); those to CoA and accounting may, and are verified if they do.
 */
export function verifyResponse(datagram: Buffer, request: Buffer, secret: Secret): VerifiedResponse {
  const decoded = decodePacket(datagram);
  if (decoded.kind === "drop") return decoded;
  const { code, identifier, bytes, messageAuthenticatorOffset: offset } = decoded.packet;
  const requestCode = codeOf(request[0]!);
  if (requestCode === undefined || !isRequest(requestCode)) return drop("not-awaited");
  if (identifier !== request[1] || !answers(code, requestCode)) return drop("not-awaited");

  const requestAuthenticator = request.subarray(4, 4 + AUTHENTICATOR_OCTETS);
  if (!responseAuthenticatorHolds(bytes, requestAuthenticator, secret)) return drop("response-authenticator-wrong");
  if (offset === undefined) {
    const isRequired = hasNonce(requestCode) && carriesMessageAuthenticator(code);
    return isRequired ? drop("message-authenticator-missing") : decoded;
  }
  const holds = responseMessageAuthenticatorHolds(bytes, offset, requestAuthenticator, secret);
  return holds ? decoded : drop("message-authenticator-wrong");
}

/** Whether a packet has an attribute of this type. */
export function has(packet: Packet, wanted: number): boolean {
  return findAttribute(packet.bytes, wanted) >= 0;
}
