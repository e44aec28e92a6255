/** Our own REST API, as any customer's script would use it. */
export interface Api {
  /** Paths are relative to the organization. Rejects with the API's own sentence when it says no. */
  get<T>(path: string): Promise<T>;
  /** `undefined` when there is no such thing. */
  find<T>(path: string): Promise<T | undefined>;
  post<T>(path: string, body: object): Promise<T>;
  put<T>(path: string, body: object): Promise<T>;
  delete(path: string): Promise<void>;
}

interface ApiAddress {
  readonly apiUrl: string;
  readonly token: string;
  readonly organizationId: string;
}

const DEADLINE_MS = 60_000;

export function connectApi({ apiUrl, token, organizationId }: ApiAddress): Api {
  async function call(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${apiUrl}/api/v1/orgs/${organizationId}${path}`, {
      method,
      headers: {
        authorization: `Token ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  }
  async function answered(method: string, path: string, body?: object): Promise<unknown> {
    return valueOf(await call(method, path, body), `${method} ${path}`);
  }
  return {
    get: async <T>(path: string) => (await answered("GET", path)) as T,
    find: async <T>(path: string) => {
      const response = await call("GET", path);
      return response.status === 404 ? undefined : ((await valueOf(response, `GET ${path}`)) as T);
    },
    post: async <T>(path: string, body: object) => (await answered("POST", path, body)) as T,
    put: async <T>(path: string, body: object) => (await answered("PUT", path, body)) as T,
    delete: async (path) => void (await answered("DELETE", path)),
  };
}

async function valueOf(response: Response, what: string): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} was answered with ${response.status}: ${text.slice(0, 300)}`);
  return text === "" ? undefined : JSON.parse(text);
}
