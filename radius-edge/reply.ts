import type { Authorization } from "../domain/authorization.ts";
import {
  writeAcctInterimInterval,
  writeClass,
  writeEgressVlanName,
  writeFilterId,
  writeSessionTimeout,
  writeTerminationAction,
  writeUserName,
  writeVlan,
} from "./wire/attribute-writers.ts";
import { parseAttributeText } from "./wire/attribute-text.ts";
import type { Attribute } from "./wire/packet.ts";

/** Behaviour 6.1. */
const DEFAULT_INTERIM_SECONDS = 600;

export interface AcceptContent {
  readonly authorization: Authorization;
  /** The name that the NAS shows and accounts under. */
  readonly userName: string;
  readonly classValue: Buffer;
  /** Where no label says: how soon to ask again (behaviour 5.8). */
  readonly reauthenticateAfterSeconds?: number | undefined;
  /** 0 ≤ chance < 1, spreads Session-Timeouts. */
  readonly chance: number;
}

/**
 * The attributes of an Access-Accept, less those of EAP. A label that no longer parses is left out and named, rather
 * than costing the client its network: labels are checked when they are written.
 */
export function acceptAttributes(content: AcceptContent): {
  readonly attributes: readonly Attribute[];
  readonly leftOut: readonly string[];
} {
  const { authorization } = content;
  const texts = [...(authorization.radiusAttributes ?? []), ...(authorization.vendorAttributes ?? [])].map(
    parseAttributeText,
  );
  const attributes: Attribute[] = [
    writeUserName(content.userName),
    ...(authorization.vlan === undefined ? [] : writeVlan(authorization.vlan)),
    ...(authorization.role === undefined ? [] : [writeFilterId(authorization.role)]),
    ...(authorization.egressVlanNames ?? []).map(writeEgressVlanName).filter((attribute) => attribute !== undefined),
    ...sessionTimeout(authorization.sessionTimeoutSeconds ?? content.reauthenticateAfterSeconds, content.chance),
    ...texts.flatMap((text) => (text.kind === "attribute" ? [text.attribute] : [])),
    writeAcctInterimInterval(DEFAULT_INTERIM_SECONDS),
    writeClass(content.classValue),
  ];
  return { attributes, leftOut: texts.flatMap((text) => (text.kind === "refused" ? [text.sentence] : [])) };
}

/**
 * RFC 3580 §3.17: with Termination-Action RADIUS-Request the NAS re-authenticates the client instead of dropping it.
 * ±10 %, so that a site that came up together does not come back together.
 */
function sessionTimeout(seconds: number | undefined, chance: number): readonly Attribute[] {
  if (seconds === undefined) return [];
  const jittered = Math.max(1, Math.round(seconds * (0.9 + 0.2 * chance)));
  return [writeSessionTimeout(jittered), writeTerminationAction("RADIUS-Request")];
}
