import { Type } from "typebox";
import type { Static } from "typebox";
import { EVENT_TITLES } from "../../domain/event.ts";
import { EVENT_FIELDS } from "../../store/counts.ts";
import { EpochSeconds, Uuid, Window } from "./common.ts";

const type = Type.String({ description: "Mist's key, such as NAC_CLIENT_PERMIT" });

/** Fields beyond these come with the event's type, by Mist's names. */
export const Event = Type.Object(
  {
    id: Uuid,
    type,
    title: Type.String({ description: "ours: what people read, such as NAC Client Access Allowed" }),
    timestamp: EpochSeconds,
    org_id: Uuid,
    mac: Type.Optional(Type.String()),
    identity: Type.Optional(Type.String({ description: "ours: whose verdict counted" })),
    text: Type.String(),
  },
  { $id: "Event", additionalProperties: true },
);

export const EventPage = Type.Object(
  {
    start: Type.Number(),
    end: Type.Number(),
    limit: Type.Integer(),
    total: Type.Integer(),
    next: Type.Optional(Type.String({ description: "path of the next page" })),
    results: Type.Array(Type.Unsafe<Static<typeof Event>>({ $ref: "Event#" })),
  },
  { $id: "EventPage" },
);

const filters = {
  type: Type.Optional(Type.Array(Type.Enum(Object.keys(EVENT_TITLES)), { description: "types" })),
  mac: Type.Optional(Type.String({ description: "one address; or a part with * at its ends" })),
  nacrule_id: Type.Optional(Uuid),
  identity: Type.Optional(Type.String({ description: "ours" })),
  text: Type.Optional(Type.String({ description: "part of the event's sentence" })),
};
const closed = { additionalProperties: false };
const sort = { sort: Type.Optional(Type.Enum(["-timestamp"], { description: "latest first: the only order" })) };

export const EventFilter = Type.Object({ ...filters, ...Window, ...sort }, closed);
const { search_after: _, ...window } = Window;
export const EventCount = Type.Object(
  { distinct: Type.Optional(Type.Enum([...EVENT_FIELDS])), ...filters, ...window },
  closed,
);
export type EventFilterFields = Static<typeof EventFilter>;

export const EventDefinition = Type.Object(
  {
    key: Type.String(),
    display: Type.String(),
    example: Type.Object({ type: Type.String() }, { additionalProperties: true }),
  },
  { $id: "EventDefinition" },
);
