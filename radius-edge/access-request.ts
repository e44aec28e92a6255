import { randomInt } from "node:crypto";
import type { Decision } from "../domain/decision.ts";
import { decide, dependsOnVerdict } from "../domain/policy.ts";
import type { EdgeId, EventId, SessionId } from "../domain/identifiers.ts";
import { decidedRecord, failedRecord, failureEvent, newId } from "./authentication-record.ts";
import type { CertificateChecks } from "./certificate-check.ts";
import { encodeClass } from "./class-attribute.ts";
import type { Conversations, EapDropReason, Turn } from "./eap/conversations.ts";
import { encodeEapOutcome } from "./eap/packet.ts";
import { eapClaim, eapProof, gatherEvidence } from "./evidence.ts";
import type { Proof } from "./evidence.ts";
import { readCallingMac, recognizeMacAuthentication } from "./mac-authentication.ts";
import type { PasswordChecks } from "./password-check.ts";
import type { Peer } from "./peer.ts";
import type { Recorder } from "./recorder.ts";
import { acceptAttributes } from "./reply.ts";
import type { Snapshot } from "./snapshot.ts";
import { writeEapMessage, writeReplyMessage, writeState } from "./wire/attribute-writers.ts";
import { readEapMessage, readFramedMtu, readState, readUserName } from "./wire/attribute-readers.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Drop, DropReason } from "./wire/drop-reason.ts";
import type { ResponseDraft } from "./wire/exchange.ts";
import { mppeKeysOf, writeMppeKeys } from "./wire/mppe-keys.ts";
import type { Attribute, Packet } from "./wire/packet.ts";

/** What the answers to Access-Requests stand on. */
export interface AccessContext {
  readonly edgeId: EdgeId;
  readonly snapshot: Snapshot;
  readonly conversations: Conversations;
  readonly recorder: Recorder;
  readonly passwords: PasswordChecks;
  readonly certificates: CertificateChecks;
  /** Signs Class. */
  readonly classKey: Buffer;
  readonly now: () => number;
}

export type Answer = { readonly kind: "answer"; readonly draft: ResponseDraft } | Drop;

/** EAP or MAC authentication gives the proof; policy decides; the record becomes durable; the answer may leave. */
export async function answerAccessRequest(request: Packet, peer: Peer, context: AccessContext): Promise<Answer> {
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
  return decideAndAnswer(request, peer, context, proof, { accept: [], reject: [] });
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
      revocationOf: context.certificates.of(organization.organizationId),
      ...(checkPassword && { checkPassword }),
    },
  });
  switch (turn.kind) {
    case "drop":
      return drop(EAP_DROPS[turn.reason]);
    case "challenge":
      return answer("Access-Challenge", [...writeEapMessage(turn.eap), writeState(turn.state)]);
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

/** Access-Reject without asking policy: the event says why. */
async function refuse(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  fault: Pick<Parameters<typeof failedRecord>[0], "type" | "reason" | "sentence">,
  attributes: readonly Attribute[] = [writeReplyMessage("Access refused")],
  claim: Proof = { authentication: "mab", userName: readUserName(request) ?? "", certificate: undefined },
): Promise<Answer> {
  const now = context.now();
  const evidence = gatherEvidence(request, peer, claim);
  await context.recorder.record(failedRecord({ id: newId<EventId>(now), now, evidence, ...fault }));
  return answer("Access-Reject", attributes);
}

async function decideAndAnswer(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  proof: Proof,
  method: { readonly accept: readonly Attribute[]; readonly reject: readonly Attribute[] },
): Promise<Answer> {
  const now = context.now();
  const evidence = gatherEvidence(request, peer, proof);
  const { policy } = context.snapshot.organization(evidence.organizationId);
  const decision = decide(evidence, policy, now);
  const untilAskedAgain = peer.profile?.reauthenticateAfterSeconds ?? undefined;
  const reauthenticateAfterSeconds =
    untilAskedAgain !== undefined && dependsOnVerdict(evidence, policy) ? untilAskedAgain : undefined;
  const ids = { id: newId<EventId>(now), sessionId: newId<SessionId>(now) };
  const { attributes, notes } = replyTo(decision, proof, ids, context, reauthenticateAfterSeconds);
  const { edgeId } = context;
  await context.recorder.record(decidedRecord({ ...ids, now, edgeId, evidence, decision, attributes, notes }));
  return decision.access.kind === "accept"
    ? answer("Access-Accept", [...method.accept, ...attributes])
    : answer("Access-Reject", method.reject.length > 0 ? method.reject : [writeReplyMessage("Access refused")]);
}

function replyTo(
  decision: Decision,
  proof: Proof,
  ids: { readonly id: EventId; readonly sessionId: SessionId },
  context: AccessContext,
  reauthenticateAfterSeconds: number | undefined,
): { readonly attributes: readonly Attribute[]; readonly notes: readonly string[] } {
  if (decision.access.kind === "reject") return { attributes: [], notes: proof.notes ?? [] };
  const { attributes, leftOut } = acceptAttributes({
    authorization: decision.access.authorization,
    userName: proof.userName,
    classValue: encodeClass({ sessionId: ids.sessionId, decisionId: ids.id }, context.classKey),
    reauthenticateAfterSeconds,
    chance: randomInt(1_000) / 1_000,
  });
  return { attributes, notes: [...(proof.notes ?? []), ...leftOut] };
}

function answer(code: ResponseDraft["code"], attributes: readonly Attribute[]): Answer {
  return { kind: "answer", draft: { code, attributes } };
}
