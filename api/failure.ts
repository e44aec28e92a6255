/** What the caller did wrong, or what is away: a name, a status and a sentence, mapped to an answer by plugins/errors.ts. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly status: number;
  readonly code: string;
  /** Further fields of the answer. */
  readonly more: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, detail: string, more: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

export function badRequest(code: string, detail: string, more?: Readonly<Record<string, unknown>>): ApiFailure {
  return new ApiFailure(400, code, detail, more);
}

export function notFound(noun: string, id: string): ApiFailure {
  return new ApiFailure(404, "notFound", `there is no ${noun} ${id}`);
}

export function unavailable(code: string, detail: string): ApiFailure {
  return new ApiFailure(503, code, detail);
}
