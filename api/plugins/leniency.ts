import type { Api } from "../dependencies.ts";

/**
 * Clients written for Mist send booleans as `True`, lists as `['a', 'b']` or `a,b`, null for what they do not set, and
 * JSON content types with nothing inside. All of that is understood here, before validation, led by the route's schema.
 */
export function acceptLooseInput(app: Api): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else void parseJson(request, body as string, done);
  });
  app.addHook("preValidation", async (request) => {
    const { body, querystring } = (request.routeOptions.schema ?? {}) as { body?: Shape; querystring?: Shape };
    if (body !== undefined) request.body = loosened(request.body ?? {}, body, false);
    if (querystring !== undefined) request.query = loosened(request.query, querystring, true);
  });
}

/** The parts of a JSON schema that lead the reading. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
}

/** Commas separate in queries only: in a body a comma may be part of a value. */
function loosened(value: unknown, shape: Shape, commas: boolean): unknown {
  if (shape.type === "boolean" && (value === "True" || value === "False")) return value === "True";
  if (shape.type === "array") return loosenedList(value, commas);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([name, part]) => [name, loosened(part, shape.properties?.[name] ?? {}, commas)]);
  return Object.fromEntries(entries) as unknown;
}

function loosenedList(value: unknown, commas: boolean): unknown {
  if (Array.isArray(value) && commas) return value.flatMap((part) => loosenedList(part, commas));
  if (typeof value !== "string") return value;
  const printed = /^\[(.*)\]$/s.exec(value.trim())?.[1];
  if (printed === undefined) return commas ? split(value) : value;
  return split(printed).map((part) => part.replace(/^(['"])(.*)\1$/s, "$2"));
}

function split(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
