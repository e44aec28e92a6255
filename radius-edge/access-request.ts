import type { Evidence } from "../domain/evidence.ts";
import { decideAndAnswer, refuse } from "./access-answer.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import { failureEvent } from "./authentication-record.ts";
import type { EapDropReason, Turn } from "./eap/conversations.ts";
import { encodeEapOutcome } from "./eap/packet.ts";
import { eapClaim, eapProof, gatherEvidence, macProof } from "./evidence.ts";
import type { Proof } from "./evidence.ts";
import { provesMac, readCallingMac, recognizeMacAuthentication } from "./mac-authentication.ts";
import type { Peer } from "./peer.ts";
import { writeEapMessage, writeState } from "./wire/attribute-writers.ts";
import { readEapMessage, readFramedMtu, readState } from "./wire/attribute-readers.ts";
import { ATTRIBUTE } from "./wire/attribute-type.ts";
import { drop } from "./wire/drop-reason.ts";
import type { DropReason } from "./wire/drop-reason.ts";
import { has } from "./wire/exchange.ts";
import { mppeKeysOf, writeMppeKeys } from "./wire/mppe-keys.ts";
import type { Packet } from "./wire/packet.ts";
import { wordsOf } from "./wire/words.ts";

/** EAP or MAC authentication gives the proof; policy decides; the record becomes durable; the answer may leave. */
export function answerAccessRequest(request: Packet, peer: Peer, context: AccessContext): Promise<Answer> {
  const eap = readEapMessage(request);
  return eap === undefined ? answerMac(request, peer, context) : answerEap(request, eap, peer, context);
}

/** A client that says what it said last is not read anew: only that it still proves its address, and what policy makes of it. */
function answerMac(request: Packet, peer: Peer, context: AccessContext): Promise<Answer> {
  const { secret } = peer;
  const words = wordsOf(request);
  const mac = readCallingMac(request);
  const known = mac && words && context.stays.recall(mac, words, peer);
  if (known && provesMac(request, secret, mac)) return decideAndAnswer({ evidence: known, words }, peer, context);

  const recognized = recognizeMacAuthentication(request, secret);
  if (recognized.kind === "refused") {
    const { sentence } = recognized;
    return refuse(request, peer, context, { type: "NAC_CLIENT_DENY", reason: "notSupported", sentence });
  }
  const evidence = evidenceOf(request, peer, macProof(recognized.userName));
  return decideAndAnswer({ evidence, words }, peer, context);
}

/** RFC 4372 §2.1: the attribute asks, whatever it says: nothing yet, or what the NAS was told before. */
function evidenceOf(request: Packet, peer: Peer, proof: Proof): Evidence {
  const evidence = gatherEvidence(request, peer, proof);
  return has(request, ATTRIBUTE.ChargeableUserIdentity) ? { ...evidence, wantsPseudonym: true } : evidence;
}

async function answerEap(request: Packet, eap: Buffer, peer: Peer, context: AccessContext): Promise<Answer> {
  const organization = context.snapshot.organization(peer.nas.organizationId);
  const { eap: organizationEap, people } = organization;
  if (organizationEap.kind === "refused") {
    const failure = encodeEapOutcome({ kind: "failure", identifier: eap[1] ?? 0 });
    const { fault: reason, sentence } = organizationEap;
    return refuse(request, peer, context, { type: "NAC_CLIENT_DENY", reason, sentence }, writeEapMessage(failure));
  }
  const hasPeople = people.users.size > 0 || people.directories.length > 0;
  const checkPassword = hasPeople ? context.passwords.of(organization.organizationId) : undefined;
  const turn = await context.conversations.receive({
    eap,
    nas: peer.nas.id,
    state: readState(request),
    framedMtu: readFramedMtu(request),
    context: {
      tls: organizationEap.context,
      mac: readCallingMac(request),
      takesMd5: peer.nas.eapMd5,
      revocationOf: context.certificates.of(organization.organizationId),
      ...(checkPassword && { checkPassword }),
    },
  });
  switch (turn.kind) {
    case "drop":
      return drop(EAP_DROPS[turn.reason]);
    case "challenge":
      return {
        kind: "answer",
        draft: { code: "Access-Challenge", attributes: [...writeEapMessage(turn.eap), writeState(turn.state)] },
      };
    case "reject":
      return rejectEap(request, peer, context, turn);
    case "accept": {
      const proof = eapProof(turn.evidence);
      const keys = turn.msk.length === 0 ? [] : writeMppeKeys(mppeKeysOf(turn.msk), peer.secret, request.authenticator);
      const accept = [...writeEapMessage(turn.eap), ...keys];
      const proved = { evidence: evidenceOf(request, peer, proof), notes: proof.notes };
      return decideAndAnswer(proved, peer, context, { accept, reject: writeEapMessage(turn.refusal) });
    }
  }
}

const EAP_DROPS: Readonly<Record<EapDropReason, DropReason>> = {
  discarded: "eap-malformed",
  missingState: "eap-state-missing",
  unknownState: "eap-state-expired",
  foreignState: "eap-state-foreign",
  busy: "duplicate-in-flight",
  unjudged: "password-unjudged",
  full: "overload",
  nasFull: "nas-overload",
  lost: "eap-conversation-lost",
};

function rejectEap(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  turn: Turn & { readonly kind: "reject" },
): Promise<Answer> {
  const { failure } = turn;
  const fault = { type: failureEvent(failure), reason: failure.reason, sentence: failure.sentence };
  return refuse(request, peer, context, fault, writeEapMessage(turn.eap), eapClaim(turn));
}
