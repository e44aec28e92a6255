/** One request that reached a simulator, in order of arrival. */
export interface Call {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly path: string;
  /** Epoch milliseconds of arrival. */
  readonly at: number;
  /** `undefined` as long as nothing was answered: a half-open fault stays so for ever. */
  readonly status: number | undefined;
}

type OpenCall = { -readonly [Field in keyof Call]: Call[Field] };

/** What a tenant was asked. Tests count look-ups with it. */
export class CallLog {
  readonly #calls: OpenCall[] = [];
  readonly #open = new WeakMap<object, OpenCall>();

  get all(): readonly Call[] {
    return this.#calls;
  }

  begin(request: object, method: string, path: string, at: number): void {
    const call: OpenCall = { method, path, at, status: undefined };
    this.#calls.push(call);
    this.#open.set(request, call);
  }

  answered(request: object, status: number): void {
    const call = this.#open.get(request);
    if (call !== undefined) call.status = status;
  }

  clear(): void {
    this.#calls.length = 0;
  }
}
