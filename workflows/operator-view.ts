import { SearchAttributeType, defineSearchAttributeKey } from "@temporalio/common";
import type { SearchAttributeUpdatePair } from "@temporalio/common";
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from "@temporalio/workflow";
import { parseIdentityKey } from "../domain/identity.ts";
import type { IdentityKey } from "../domain/identity.ts";
import { colonMac } from "../domain/mac-address.ts";
import { VERDICT_SENTENCES } from "../domain/verdict.ts";
import { SEARCH_ATTRIBUTES } from "./contract.ts";
import type { DeviceInput } from "./contract.ts";
import type { Device } from "./device.ts";

const ORGANIZATION = defineSearchAttributeKey(SEARCH_ATTRIBUTES.organization, SearchAttributeType.KEYWORD);
const STATUS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, SearchAttributeType.KEYWORD);
const PROVIDER = defineSearchAttributeKey(SEARCH_ATTRIBUTES.provider, SearchAttributeType.KEYWORD);
const CHANGED_AT = defineSearchAttributeKey(SEARCH_ATTRIBUTES.changedAt, SearchAttributeType.DATETIME);

/** Shows in the Temporal UI what the loop knows: details at each turn, search attributes only when they change. */
export function publish(input: DeviceInput, device: Device): void {
  setCurrentDetails(details(input, device));
  const updates = attributeUpdates(input, device);
  // Each upsert costs a write to the visibility store: a fleet that stays compliant makes none.
  if (updates.length > 0) upsertSearchAttributes(updates);
}

/** `aa:bb:cc:dd:ee:ff`, or the device id: what a row of the timeline has room for. */
export function describeIdentity(key: IdentityKey): string {
  const identity = parseIdentityKey(key);
  if (identity === undefined) return key;
  return identity.kind === "mac" ? colonMac(identity.mac) : identity.deviceId;
}

/** A list, for the UI renders tables without borders. */
function details({ identity }: DeviceInput, device: Device): string {
  const { last, lastFailure, enforcement } = device;
  const lines = [`### ${describeIdentity(identity)}: ${last?.status ?? "not looked up yet"}`];
  if (last !== undefined) {
    lines.push(`- **Reason:** ${VERDICT_SENTENCES[last.reason]}`);
    if (last.provider !== undefined) lines.push(`- **Provider:** ${last.provider}`);
    if (last.changedAt !== undefined) lines.push(`- **Since:** ${new Date(last.changedAt).toISOString()}`);
    lines.push(`- **Last look-up:** ${last.text}`);
  }
  if (lastFailure !== undefined) lines.push(`- **Last look-up failed:** ${lastFailure}`);
  lines.push(`- **Next look-up:** ${new Date(device.nextLookUpAt).toISOString()}`);
  if (enforcement !== undefined) lines.push(`- **Network:** ${enforcement.text}`);
  lines.push(`- **Look-ups so far:** ${device.lookUps}`);
  return lines.join("\n");
}

function attributeUpdates({ organizationId }: DeviceInput, { last }: Device): SearchAttributeUpdatePair[] {
  if (last === undefined) return [];
  const shown = workflowInfo().typedSearchAttributes;
  const updates: SearchAttributeUpdatePair[] = [];
  if (shown.get(ORGANIZATION) !== organizationId) updates.push({ key: ORGANIZATION, value: organizationId });
  if (shown.get(STATUS) !== last.status) updates.push({ key: STATUS, value: last.status });
  if (last.provider !== undefined && shown.get(PROVIDER) !== last.provider)
    updates.push({ key: PROVIDER, value: last.provider });
  if (last.changedAt !== undefined && shown.get(CHANGED_AT)?.getTime() !== last.changedAt)
    updates.push({ key: CHANGED_AT, value: new Date(last.changedAt) });
  return updates;
}
