import type { Authorization } from "../domain/authorization.ts";
import {
  writeAcctInterimInterval,
  writeChargeableUserIdentity,
  writeClass,
  writeEgressVlanName,
  writeFilterId,
  writeSessionTimeout,
  writeTerminationAction,
  writeUserName,
  writeVlan,
} from "./wire/attribute-writers.ts";
import { ATTRIBUTE } from "./wire/attribute-type.ts";
import { parseAttributeText } from "./wire/attribute-text.ts";
import { encodeBlock } from "./wire/attribute-block.ts";
import type { AttributeBlock } from "./wire/attribute-block.ts";
import { attributeText } from "./wire/packet.ts";
import type { Attribute } from "./wire/packet.ts";

/** Behaviour 6.1. */
const DEFAULT_INTERIM_SECONDS = 600;

/** What every Accept of the same kind to the same client has in common. */
export interface AcceptContent {
  readonly authorization: Authorization;
  /** The name that the NAS shows and accounts under. */
  readonly userName: string;
  /** Where no label says: how soon to ask again (behaviour 5.8). */
  readonly reauthenticateAfterSeconds?: number | undefined;
  /** Where the NAS asks for one: what it may know the user by (user-pseudonym.ts). */
  readonly pseudonym?: string | undefined;
}

/** What is this Accept's alone. */
export interface AcceptOccurrence {
  readonly classValue: Buffer;
  /** 0 ≤ chance < 1, spreads Session-Timeouts. */
  readonly chance: number;
}

/** The attributes of an Access-Accept, less those of EAP. */
export interface AcceptReply {
  readonly block: AttributeBlock;
  /** After the block. */
  readonly attributes: readonly Attribute[];
}

/** An Accept as its event tells it. */
export interface AcceptDescription {
  /** All attributes as people read them, for Mist's resp_attrs; those that differ from time to time by their names alone. */
  readonly shown: readonly string[];
  /** What is wrong with labels that were left out. */
  readonly leftOut: readonly string[];
}

/**
 * A label that no longer parses is left out and named, rather than costing the client its network: labels are checked when
 * they are written.
 */
export function describeAccept(content: AcceptContent): AcceptDescription {
  const template = templateOf(content.authorization);
  const { shown, leftOut } = template;
  const timeout = timeoutSeconds(content, template) === undefined ? [] : ["Session-Timeout", ASK_AGAIN_TEXT];
  const pseudonym =
    content.pseudonym === undefined ? [] : [attributeText(writeChargeableUserIdentity(content.pseudonym))];
  return { shown: [`User-Name=${content.userName}`, ...shown, ...pseudonym, ...timeout, "Class"], leftOut };
}

export function acceptReply(content: AcceptContent, { classValue, chance }: AcceptOccurrence): AcceptReply {
  const template = templateOf(content.authorization);
  const { block } = template;
  const timeout = sessionTimeout(timeoutSeconds(content, template), chance);
  const { pseudonym } = content;
  const others = pseudonym === undefined ? timeout : [writeChargeableUserIdentity(pseudonym), ...timeout];
  return { block, attributes: [writeUserName(content.userName), ...others, writeClass(classValue)] };
}

function timeoutSeconds(
  { authorization, reauthenticateAfterSeconds }: AcceptContent,
  { hasTimeout }: Template,
): number | undefined {
  return hasTimeout ? undefined : (authorization.sessionTimeoutSeconds ?? reauthenticateAfterSeconds);
}

interface Template extends Pick<AcceptReply, "block">, AcceptDescription {
  /** A label writes Session-Timeout by its name. RFC 2865 §5.44: an Accept has one at most. */
  readonly hasTimeout: boolean;
}

/** What is the same in every Accept of one authorization, as long as its policy lives. */
const templates = new WeakMap<Authorization, Template>();

function templateOf(authorization: Authorization): Template {
  let template = templates.get(authorization);
  if (template === undefined) {
    template = createTemplate(authorization);
    templates.set(authorization, template);
  }
  return template;
}

function createTemplate(authorization: Authorization): Template {
  const texts = [...(authorization.radiusAttributes ?? []), ...(authorization.vendorAttributes ?? [])].map(
    parseAttributeText,
  );
  const attributes: Attribute[] = [
    ...(authorization.vlan === undefined ? [] : writeVlan(authorization.vlan)),
    ...(authorization.role === undefined ? [] : [writeFilterId(authorization.role)]),
    ...(authorization.egressVlanNames ?? []).map(writeEgressVlanName).filter((attribute) => attribute !== undefined),
    ...texts.flatMap((text) => (text.kind === "attribute" ? [text.attribute] : [])),
  ];
  const isWritten = (type: number): boolean => attributes.some(([written]) => written === type);
  // RFC 2869 §5.19: one at most, and a label's own wins.
  if (!isWritten(ATTRIBUTE.AcctInterimInterval)) attributes.push(writeAcctInterimInterval(DEFAULT_INTERIM_SECONDS));
  return {
    hasTimeout: isWritten(ATTRIBUTE.SessionTimeout),
    block: encodeBlock(attributes),
    shown: attributes.map(attributeText),
    leftOut: texts.flatMap((text) => (text.kind === "refused" ? [text.sentence] : [])),
  };
}

const NONE: readonly Attribute[] = [];
const ASK_AGAIN = writeTerminationAction("RADIUS-Request");
const ASK_AGAIN_TEXT = attributeText(ASK_AGAIN);

/**
 * RFC 3580 §3.17: with Termination-Action RADIUS-Request the NAS re-authenticates the client instead of dropping it.
 * ±10 %, so that a site that came up together does not come back together.
 */
function sessionTimeout(seconds: number | undefined, chance: number): readonly Attribute[] {
  if (seconds === undefined) return NONE;
  const jittered = Math.max(1, Math.round(seconds * (0.9 + 0.2 * chance)));
  return [writeSessionTimeout(jittered), ASK_AGAIN];
}
