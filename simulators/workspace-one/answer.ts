import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { toXml } from "../xml.ts";
import { errorBody, NOT_FOUND_PAGE, type UemError } from "./errors.ts";

/** The route's versions in ascending order; the first is what a client gets that names none. */
export type Versions = readonly [number, ...number[]];

/**
 * The version that answers: what `Accept: application/json;version=N` or a path of the form `/api/vN/…` asks for where
 * the route has it, else the highest that it has. A recorded `version=2` at a route with v1 alone was answered 200.
 */
export function servedVersion(request: FastifyRequest, versions: Versions): number {
  const inPath = /^\/api\/v(\d+)\//i.exec(request.originalUrl)?.[1];
  const inAccept = /;\s*version\s*=\s*(\d+)/i.exec(request.headers.accept ?? "")?.[1];
  const asked = inPath ?? inAccept;
  if (asked === undefined) return versions[0];
  return versions.includes(Number(asked)) ? Number(asked) : versions.at(-1)!;
}

export function stampVersion(request: FastifyRequest, reply: FastifyReply, versions: Versions): void {
  reply.header("x-api-version", `v${servedVersion(request, versions)}`);
  reply.header("api-supported-versions", versions.join(", "));
}

/** UEM speaks XML to whoever does not ask for JSON; a wildcard is no such request. */
function wantsJson(request: FastifyRequest): boolean {
  return /json/i.test(request.headers.accept ?? "");
}

/** Sends `body` in the asked notation; `rootElement` names it where that is XML. */
export function send(request: FastifyRequest, reply: FastifyReply, rootElement: string, body: object): FastifyReply {
  if (wantsJson(request)) return reply.type("application/json; charset=utf-8").send(JSON.stringify(body));
  return reply.type("application/xml; charset=utf-8").send(toXml(rootElement, body));
}

/** "Nothing" is 204 and no body at all, never an empty list. */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}

export function sendError(request: FastifyRequest, reply: FastifyReply, error: UemError): FastifyReply {
  return send(request, reply.code(error.status), "AirWatchFaultContract", errorBody(error));
}

export function sendNotFoundPage(reply: FastifyReply): FastifyReply {
  return reply.code(404).type("text/html").send(NOT_FOUND_PAGE);
}

/** Headers of every answer of the API; names and forms from the graph-airwatch recordings (MPL-2.0), October 2023. */
export function stampAnswer(reply: FastifyReply): void {
  reply.header("x-correlation-id", randomUUID());
  reply.header("x-content-type-options", "nosniff");
  reply.header("strict-transport-security", "max-age=31536000; includeSubDomains");
}
