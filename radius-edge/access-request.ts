import { decideAndAnswer, refuse } from "./access-answer.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import { failureEvent } from "./authentication-record.ts";
import type { EapDropReason, Turn } from "./eap/conversations.ts";
import { encodeEapOutcome } from "./eap/packet.ts";
import { eapClaim, eapProof } from "./evidence.ts";
import type { Proof } from "./evidence.ts";
import { readCallingMac, recognizeMacAuthentication } from "./mac-authentication.ts";
import type { Peer } from "./peer.ts";
import { writeEapMessage, writeState } from "./wire/attribute-writers.ts";
import { readEapMessage, readFramedMtu, readState } from "./wire/attribute-readers.ts";
import { drop } from "./wire/drop-reason.ts";
import type { DropReason } from "./wire/drop-reason.ts";
import { mppeKeysOf, writeMppeKeys } from "./wire/mppe-keys.ts";
import type { Packet } from "./wire/packet.ts";

/** EAP or MAC authentication gives the proof; policy decides; the record becomes durable; the answer may leave. */
export function answerAccessRequest(request: Packet, peer: Peer, context: AccessContext): Promise<Answer> {
  const eap = readEapMessage(request);
  if (eap !== undefined) return answerEap(request, eap, peer, context);
  const recognized = recognizeMacAuthentication(request, peer.secret);
  if (recognized.kind === "refused") {
    return refuse(request, peer, context, {
      type: "NAC_CLIENT_DENY",
      reason: "notSupported",
      sentence: recognized.sentence,
    });
  }
  const proof: Proof = { authentication: "mab", userName: recognized.userName, certificate: undefined };
  return decideAndAnswer(request, peer, context, proof);
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
      return decideAndAnswer(request, peer, context, proof, { accept, reject: writeEapMessage(turn.refusal) });
    }
  }
}

const EAP_DROPS: Readonly<Record<EapDropReason, DropReason>> = {
  discarded: "eap-malformed",
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
