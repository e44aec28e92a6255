import type { Decision } from "../domain/decision.ts";
import type { Evidence } from "../domain/evidence.ts";
import { decide, dependsOnVerdict } from "../domain/policy.ts";
import type { PolicySnapshot } from "../domain/policy.ts";
import type { EventId, SessionId } from "../domain/identifiers.ts";
import { isCutOffByProxy } from "../domain/nas.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import type { Authentication } from "./authentication.ts";
import { decidedRecord, failedRecord, newId } from "./authentication-record.ts";
import { encodeClass } from "./class-attribute.ts";
import { gatherEvidence, macProof } from "./evidence.ts";
import type { Proof } from "./evidence.ts";
import type { Peer } from "./peer.ts";
import { randomOctets } from "./random-octets.ts";
import { acceptReply, describeAccept } from "./reply.ts";
import type { AcceptContent, AcceptDescription } from "./reply.ts";
import { userPseudonym } from "./user-pseudonym.ts";
import { encodeBlock, NO_ATTRIBUTES } from "./wire/attribute-block.ts";
import { readUserName } from "./wire/attribute-readers.ts";
import { writeReplyMessage } from "./wire/attribute-writers.ts";
import type { Attribute, Packet } from "./wire/packet.ts";

/** What every answer of one EAP method carries besides. */
interface MethodAttributes {
  readonly accept: readonly Attribute[];
  readonly reject: readonly Attribute[];
}

const NONE: MethodAttributes = { accept: [], reject: [] };
const NOTHING: AcceptDescription = { shown: [], leftOut: [] };
const REFUSED = encodeBlock([writeReplyMessage("Access refused")]);

/** What a request has proved, and by what it is known again. */
interface Proved {
  readonly evidence: Evidence;
  /** What it said, where that and what it hides were all (wire/words.ts). */
  readonly words?: string | undefined;
  /** Sentences for the event, which policy does not see. */
  readonly notes?: readonly string[] | undefined;
}

/** Access-Reject without asking policy: the event says why. */
export async function refuse(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  fault: Pick<Parameters<typeof failedRecord>[0], "type" | "reason" | "sentence">,
  attributes: readonly Attribute[] = NONE.reject,
  claim: Proof = macProof(readUserName(request) ?? ""),
): Promise<Answer> {
  const now = context.now();
  const evidence = gatherEvidence(request, peer, claim);
  await context.recorder.record(failedRecord({ id: newId<EventId>(now), now, evidence, ...fault }));
  return reject(attributes, { evidence, decision: undefined, reason: fault.reason });
}

/** Policy decides on what was proved, the record becomes durable, and only then the answer may leave. */
export async function decideAndAnswer(
  { evidence, words, notes }: Proved,
  peer: Peer,
  context: AccessContext,
  method: MethodAttributes = NONE,
): Promise<Answer> {
  const now = context.now();
  const { policy } = context.snapshot.organization(evidence.organizationId);
  const decision = decide(evidence, policy, now);
  const content = acceptContent(evidence, decision, policy, peer, context);
  const { edgeId } = context;
  const id = newId<EventId>(now);
  const recordable = context.stays.admit({ id, now, evidence, words, peer, decision }, (sessionId) => {
    const { shown, leftOut } = content === undefined ? NOTHING : describeAccept(content);
    const allNotes = notes === undefined ? leftOut : [...notes, ...leftOut];
    return decidedRecord({ id, sessionId, now, edgeId, evidence, decision, shown, notes: allNotes });
  });
  await context.recorder.record(recordable);
  const authentication = { evidence, decision };
  if (content === undefined) return reject(method.reject, authentication);
  const sessionId = recordable.kind === "repeatedAccept" ? recordable.sessionId : recordable.session?.id;
  const { block, attributes: common } = acceptReply(content, {
    classValue: encodeClass({ sessionId: sessionId ?? newId<SessionId>(now), decisionId: id }, context.classKey),
    chance: randomOctets(2).readUInt16BE() / 2 ** 16,
  });
  const attributes = method.accept.length === 0 ? common : [...common, ...method.accept];
  return { kind: "answer", draft: { code: "Access-Accept", block, attributes }, authentication };
}

/** Where a proxy keeps CoA from the NAS: how soon to ask again, as profile `no-coa` has it (behaviour 5.8, 8.3). */
const CUT_OFF_REAUTHENTICATE_SECONDS = 1_800;

/** `undefined`: a Reject. */
function acceptContent(
  evidence: Evidence,
  { access }: Decision,
  policy: PolicySnapshot,
  { nas, profile }: Peer,
  { pseudonymKey }: Pick<AccessContext, "pseudonymKey">,
): AcceptContent | undefined {
  if (access.kind === "reject") return undefined;
  const cutOff = isCutOffByProxy(nas, evidence.nas) ? CUT_OFF_REAUTHENTICATE_SECONDS : undefined;
  const untilAskedAgain = profile?.reauthenticateAfterSeconds ?? cutOff;
  const reauthenticateAfterSeconds =
    untilAskedAgain !== undefined && dependsOnVerdict(evidence, policy) ? untilAskedAgain : undefined;
  const pseudonym = evidence.wantsPseudonym === undefined ? undefined : userPseudonym(evidence, pseudonymKey);
  return { authorization: access.authorization, userName: evidence.userName, reauthenticateAfterSeconds, pseudonym };
}

/** RFC 3579 §2.6.5: beside EAP there is no Reply-Message. */
function reject(attributes: readonly Attribute[], authentication: Authentication): Answer {
  const block = attributes.length > 0 ? NO_ATTRIBUTES : REFUSED;
  return { kind: "answer", draft: { code: "Access-Reject", block, attributes }, authentication };
}
