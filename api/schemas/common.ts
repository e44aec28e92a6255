import { Type } from "typebox";
import type { Static, TSchema } from "typebox";

/** A reference to a schema that is registered by its `$id`, with its static type. */
export function ref<T extends TSchema & { readonly $id?: string }>(schema: T) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id ?? ""}#` });
}

/** Mist's error body, on the paths that have Mist's shape. */
export const Detail = Type.Object({ detail: Type.String() }, { $id: "Detail", additionalProperties: true });

/** RFC 9457, on our own paths. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: "names the problem; stable" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
  },
  { $id: "Problem", additionalProperties: true },
);

export const Uuid = Type.String({ description: "UUID" });
export const EpochSeconds = Type.Number({ description: "epoch seconds" });
export const Mac = Type.String({ description: "MAC address: 12 hexadecimal digits; any usual notation is accepted" });
export const Texts = Type.Array(Type.String());

/** A list in a query: repeated, comma-separated, or as Python prints it, `['a', 'b']`. */
export const QueryList = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

export const OrganizationPath = Type.Object({ org_id: Uuid });

const Limit = Type.Integer({ minimum: 1, maximum: 1000, description: "results per page; 100 by default" });

export const Paging = { limit: Type.Optional(Limit), page: Type.Optional(Type.Integer({ minimum: 1 })) };

/** Mist's search window. */
export const Window = {
  start: Type.Optional(Type.String({ description: "epoch seconds, or back from the end: -1d, -2h" })),
  end: Type.Optional(Type.String({ description: "epoch seconds, or now" })),
  duration: Type.Optional(Type.String({ description: "1d by default; 90s, 15m, 2h, 7d, 2w" })),
  limit: Type.Optional(Limit),
  search_after: Type.Optional(Type.String({ description: "from `next` of the page before" })),
};

/** Mist's count answer. */
export const Count = Type.Object(
  {
    distinct: Type.String(),
    start: Type.Number(),
    end: Type.Number(),
    limit: Type.Integer(),
    total: Type.Integer(),
    results: Type.Array(Type.Object({ count: Type.Integer() }, { additionalProperties: true })),
  },
  { $id: "Count" },
);

/** An answer without body. */
export const Empty = Type.Unsafe<undefined>({ type: "null", description: "done; the body is empty" });
