import type { Static } from "typebox";
import { EVENT_TITLES } from "../../domain/event.ts";
import type { EventType, NacEvent } from "../../domain/event.ts";
import { identityKey, parseIdentityKey } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import type { RuleId } from "../../domain/identifiers.ts";
import type { EventFilter } from "../../store/events.ts";
import { badRequest } from "../failure.ts";
import type { Event, EventFilterFields } from "../schemas/event.ts";
import { macFilter } from "./mac.ts";
import { pathId } from "./parsed.ts";
import { present, seconds } from "./present.ts";
import type { TimeWindow } from "./window.ts";

/** Reads a search's filters. Throws ApiFailure 400. */
export function eventFilter(fields: EventFilterFields, window: TimeWindow): Omit<EventFilter, "limit" | "before"> {
  return {
    ...window,
    ...macFilter(fields.mac),
    types: fields.type as readonly EventType[] | undefined,
    ruleId: fields.nacrule_id === undefined ? undefined : pathId<RuleId>("nacrule", fields.nacrule_id),
    identity: identityFilter(fields.identity),
    text: fields.text,
  };
}

/** Reads `device:<id>` or `mac:<digits>`. Throws ApiFailure 400. */
export function identityFilter(text: string | undefined): IdentityKey | undefined {
  if (text === undefined) return undefined;
  const identity = parseIdentityKey(text);
  if (identity === undefined) throw badRequest("invalidIdentity", `"${text}" is neither device:<id> nor mac:<address>`);
  return identityKey(identity);
}

export function mistEvent(event: NacEvent): Static<typeof Event> {
  return present({
    ...event.body,
    id: event.id,
    type: event.type,
    title: EVENT_TITLES[event.type],
    timestamp: seconds(event.at),
    org_id: event.organizationId,
    mac: event.mac,
    identity: event.identity,
    text: event.text,
  });
}
