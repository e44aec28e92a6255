import type { FastifyReply } from "fastify";

const DEFAULT_LIMIT = 100;

/** One page of a list, with Mist's headers of bare-array answers. */
export function pageOf<T>(
  items: readonly T[],
  { limit = DEFAULT_LIMIT, page = 1 }: { readonly limit?: number; readonly page?: number },
  reply: FastifyReply,
): T[] {
  void reply.headers({ "x-page-total": items.length, "x-page-limit": limit, "x-page-page": page });
  return items.slice((page - 1) * limit, page * limit);
}
