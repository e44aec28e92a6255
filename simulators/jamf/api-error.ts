import type { FastifyReply } from "fastify";

/** One entry of Jamf Pro's ApiError. Recordings show `code` and `field` null as often as set. */
export interface ErrorCause {
  readonly code: string | null;
  readonly field: string | null;
  readonly description: string;
  readonly id: string | null;
}

/** Bodies are pretty-printed, errors and answers alike. */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type("application/json").send(JSON.stringify(body, null, 2));
}

export function sendApiError(reply: FastifyReply, status: number, ...errors: readonly ErrorCause[]): FastifyReply {
  return sendJson(reply.code(status), { httpStatus: status, errors });
}

/** As quoted in jamf/mut#75. */
export function sendInvalidToken(reply: FastifyReply): FastifyReply {
  return sendApiError(reply, 401, { code: "INVALID_TOKEN", description: "Unauthorized", id: "0", field: null });
}

export function sendUnknownId(reply: FastifyReply, id: string): FastifyReply {
  const description = `No resource with id ${id}`;
  return sendApiError(reply, 404, { code: "INVALID_ID", field: "id", description, id: null });
}

export function badRequest(description: string): ErrorCause {
  return { code: null, field: "", description, id: null };
}
