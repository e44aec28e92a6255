import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { TemporalError } from "../../runtime/temporal-failure.ts";
import { isDatabaseAway } from "../../store/availability.ts";
import { isUnstorableText } from "../../store/unstorable-text.ts";
import type { Api } from "../dependencies.ts";
import { ApiFailure, badRequest, unavailable } from "../failure.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** How the route words its failures; Mist's way unless told. */
    failures?: "mist" | "problem";
  }
}

/** Every failure leaves through here: Mist's `{"detail"}` on paths of its shape, RFC 9457 on our own. */
export function answerFailures(app: Api): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const failure = failureOf(error);
    if (failure.status >= 500) request.log.error({ err: error, code: failure.code }, "request failed");
    return send(failure, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    send(new ApiFailure(404, "notFound", `there is no ${request.method} ${pathOf(request)}`), request, reply),
  );
}

async function send(failure: ApiFailure, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, code, message: detail, more } = failure;
  void reply.code(status);
  if (status === 503) void reply.header("retry-after", "5");
  if (request.routeOptions.config.failures !== "problem") return reply.send({ detail, ...more });
  const type = `urn:portcullis:problem:${code}`;
  return reply
    .type("application/problem+json")
    .send({ type, title: TITLES[status] ?? "Failed", status, detail, instance: pathOf(request), ...more });
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not authenticated",
  403: "Forbidden",
  404: "Not found",
  409: "Conflict",
  500: "Internal error",
  503: "Unavailable",
};

/** Names whatever was thrown. What we did not foresee is logged and told as no more than that. */
function failureOf(error: FastifyError): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (error.validation !== undefined) return badRequest("invalid", sentencesOf(error).join("; "));
  if (error instanceof TemporalError) {
    return unavailable(error.fault === "noWorker" ? "workerMissing" : "temporalUnavailable", error.message);
  }
  if (isDatabaseAway(error)) return unavailable("databaseUnavailable", "the database does not answer");
  if (isUnstorableText(error)) return badRequest("invalid", "a zero octet (U+0000) is in a text that cannot have one");
  if (error.code === "FST_ERR_CTP_INVALID_JSON_BODY" || error instanceof SyntaxError) {
    return badRequest("malformedJson", "the body is not JSON");
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new ApiFailure(error.statusCode, error.code, error.message);
  }
  return new ApiFailure(500, "internal", "something failed that should not have; the log of the API says what");
}

function sentencesOf(error: FastifyError): readonly string[] {
  const where = error.validationContext === "querystring" ? "query parameter" : "field";
  return (error.validation ?? []).map(({ instancePath, keyword, params, message = "is invalid" }) => {
    const at = instancePath.slice(1).replaceAll("/", ".");
    const within = at === "" ? "" : `${at}.`;
    if (keyword === "additionalProperties")
      return `unknown ${where} "${within}${String(params["additionalProperty"])}"`;
    if (keyword === "required") return `${where} "${within}${String(params["missingProperty"])}" is required`;
    const values = keyword === "enum" ? `: ${(params["allowedValues"] as unknown[]).join(", ")}` : "";
    return `${where} "${at}" ${message}${values}`;
  });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}
