/** Why a datagram gets no answer. Decoders name it, the edge counts it and logs its sentence once. */
export type DropReason =
  // What is wrong with the bytes (wire/scan.ts).
  | "too-short"
  | "length-mismatch"
  | "attribute-overrun"
  | "message-authenticator-malformed"
  | "message-authenticator-repeated"
  | "unsupported-code"
  // What is wrong with the proof that the peer knows the secret (wire/exchange.ts).
  | "message-authenticator-missing"
  | "message-authenticator-wrong"
  | "eap-without-message-authenticator"
  | "proxy-state-without-message-authenticator"
  | "request-authenticator-wrong"
  | "response-authenticator-wrong"
  | "not-awaited"
  // What the edge refuses, sound as the packet may be.
  | "unknown-nas"
  | "wrong-port"
  | "duplicate-in-flight"
  | "overload"
  | "nas-overload"
  | "shutting-down"
  | "eap-malformed"
  | "eap-state-missing"
  | "eap-state-expired"
  | "eap-state-foreign"
  | "eap-conversation-lost"
  | "password-unjudged"
  | "event-not-recorded"
  | "accounting-incomplete"
  | "internal-error";

const SENTENCES: Readonly<Record<DropReason, string>> = {
  "too-short": "The datagram is shorter than the 20 octets of a RADIUS header.",
  "length-mismatch": "The Length field is below 20, above 4096, or more than was received.",
  "attribute-overrun": "An attribute is shorter than its own header, or reaches beyond the end of the packet.",
  "message-authenticator-malformed": "The Message-Authenticator is not 18 octets long.",
  "message-authenticator-repeated": "The packet has more than one Message-Authenticator.",
  "unsupported-code": "The packet has a code that is not served here.",
  "message-authenticator-missing": "The packet has no Message-Authenticator, and this NAS must send one.",
  "message-authenticator-wrong":
    "The Message-Authenticator does not match: the shared secrets differ, or the packet was changed on its way.",
  "eap-without-message-authenticator": "The packet carries EAP without a Message-Authenticator.",
  "proxy-state-without-message-authenticator":
    "The packet carries Proxy-State without a Message-Authenticator, as a Blast-RADIUS attack would.",
  "request-authenticator-wrong":
    "The Request Authenticator does not match: the shared secrets differ, or the packet was changed on its way.",
  "response-authenticator-wrong":
    "The Response Authenticator does not match: the shared secrets differ, or the answer is forged.",
  "not-awaited": "The packet is not an answer to a request of ours.",
  "unknown-nas": "No NAS is registered for the address that sent the packet.",
  "wrong-port": "The packet is of a kind that this port does not serve.",
  "duplicate-in-flight": "The request was sent again while its first copy is still being worked on.",
  overload: "The edge has more in hand than it can answer in time: what would begin anew is dropped first.",
  "nas-overload": "This NAS has as many requests or EAP conversations open, or waiting to begin, as one may have.",
  "shutting-down": "The edge is stopping and begins nothing new.",
  "eap-malformed": "The EAP-Message is not a well-formed EAP packet.",
  "eap-state-missing":
    "The EAP message begins no conversation, and came without the State that would name the one it goes on with.",
  "eap-state-expired": "The State names an EAP conversation that has ended or run out of time.",
  "eap-state-foreign": "The State was not made by this edge.",
  "eap-conversation-lost": "The EAP conversation ended with the thread that had it; its client begins again.",
  "password-unjudged":
    "Nobody could judge the user's password, and the organization wants silence then, so that the NAS asks another server.",
  "event-not-recorded": "The answer's event could be stored neither in Postgres nor in the journal.",
  "accounting-incomplete": "The accounting request lacks what names its session: Acct-Status-Type or Acct-Session-Id.",
  "internal-error": "A fault of ours; the log has it.",
};

/** The one outcome that a decoder or verifier has beside success. */
export interface Drop {
  readonly kind: "drop";
  readonly reason: DropReason;
}

export function drop(reason: DropReason): Drop {
  return { kind: "drop", reason };
}

/** The reason as a sentence for logs, events and the API. */
export function describeDrop(reason: DropReason): string {
  return SENTENCES[reason];
}

/** All reasons, so that a metric can show each from the start. */
export const DROP_REASONS = Object.keys(SENTENCES) as readonly DropReason[];
