import type { Access } from "../domain/authorization.ts";
import { decide, dependsOnVerdict } from "../domain/policy.ts";
import type { EventId, SessionId } from "../domain/identifiers.ts";
import type { AccessContext, Answer } from "./access-context.ts";
import { decidedRecord, failedRecord, newId } from "./authentication-record.ts";
import { encodeClass } from "./class-attribute.ts";
import { gatherEvidence } from "./evidence.ts";
import type { Proof } from "./evidence.ts";
import type { Peer } from "./peer.ts";
import { randomOctets } from "./random-octets.ts";
import { acceptReply } from "./reply.ts";
import type { AcceptReply } from "./reply.ts";
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
const NOTHING: readonly string[] = [];
const REFUSED = encodeBlock([writeReplyMessage("Access refused")]);

/** Access-Reject without asking policy: the event says why. */
export async function refuse(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  fault: Pick<Parameters<typeof failedRecord>[0], "type" | "reason" | "sentence">,
  attributes: readonly Attribute[] = NONE.reject,
  claim: Proof = { authentication: "mab", userName: readUserName(request) ?? "", certificate: undefined },
): Promise<Answer> {
  const now = context.now();
  const evidence = gatherEvidence(request, peer, claim);
  await context.recorder.record(failedRecord({ id: newId<EventId>(now), now, evidence, ...fault }));
  return { ...reject(attributes), authentication: { evidence, decision: undefined } };
}

/** Policy decides on what was proved, the record becomes durable, and only then the answer may leave. */
export async function decideAndAnswer(
  request: Packet,
  peer: Peer,
  context: AccessContext,
  proof: Proof,
  method: MethodAttributes = NONE,
): Promise<Answer> {
  const now = context.now();
  const evidence = gatherEvidence(request, peer, proof);
  const { policy } = context.snapshot.organization(evidence.organizationId);
  const decision = decide(evidence, policy, now);
  const untilAskedAgain = peer.profile?.reauthenticateAfterSeconds ?? undefined;
  const reauthenticateAfterSeconds =
    untilAskedAgain !== undefined && dependsOnVerdict(evidence, policy) ? untilAskedAgain : undefined;
  const ids = { id: newId<EventId>(now), sessionId: newId<SessionId>(now) };
  const reply = replyTo(decision.access, proof, ids, context, reauthenticateAfterSeconds);
  const { edgeId } = context;
  const { leftOut = NOTHING, shown = NOTHING } = reply ?? {};
  const notes = proof.notes === undefined ? leftOut : [...proof.notes, ...leftOut];
  const { id, sessionId } = ids;
  await context.recorder.record(decidedRecord({ id, sessionId, now, edgeId, evidence, decision, shown, notes }));
  const authentication = { evidence, decision };
  if (reply === undefined) return { ...reject(method.reject), authentication };
  const attributes = method.accept.length === 0 ? reply.attributes : [...reply.attributes, ...method.accept];
  return { kind: "answer", draft: { code: "Access-Accept", block: reply.block, attributes }, authentication };
}

function replyTo(
  access: Access,
  { userName }: Proof,
  ids: { readonly id: EventId; readonly sessionId: SessionId },
  { classKey }: AccessContext,
  reauthenticateAfterSeconds: number | undefined,
): AcceptReply | undefined {
  if (access.kind === "reject") return undefined;
  return acceptReply({
    authorization: access.authorization,
    userName,
    classValue: encodeClass({ sessionId: ids.sessionId, decisionId: ids.id }, classKey),
    reauthenticateAfterSeconds,
    chance: randomOctets(2).readUInt16BE() / 2 ** 16,
  });
}

/** RFC 3579 §2.6.5: beside EAP there is no Reply-Message. */
function reject(attributes: readonly Attribute[]): Answer & { readonly kind: "answer" } {
  const block = attributes.length > 0 ? NO_ATTRIBUTES : REFUSED;
  return { kind: "answer", draft: { code: "Access-Reject", block, attributes } };
}
