import type { RunningServer } from "../../simulators/mdm-server.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; throws where it is none, as a careless client would. */
  json<Body = Record<string, unknown>>(): Body;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

export type Ask = (path: string, question?: Question) => Promise<Answer>;

type Tenant = RunningServer & { readonly tokenUrl: string };

export const CREDENTIALS = { clientId: "portcullis", clientSecret: "correct horse" };
export const GRANT = {
  grant_type: "client_credentials",
  client_id: CREDENTIALS.clientId,
  client_secret: CREDENTIALS.clientSecret,
};

/** One request to a simulator, or to any absolute URL. */
export async function ask(base: string, path: string, question: Question = {}): Promise<Answer> {
  const { json, form, headers = {} } = question;
  const body = form === undefined ? (json === undefined ? null : JSON.stringify(json)) : new URLSearchParams(form);
  const response = await fetch(new URL(path, base), {
    method: question.method ?? (body === null ? "GET" : "POST"),
    headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body,
  });
  const text = await response.text();
  const parsed = <Body>(): Body => JSON.parse(text) as Body;
  return { status: response.status, headers: response.headers, text, json: parsed };
}

/** Signs in as the vendor's client does, and asks with the token from then on. */
export async function signIn(tenant: Tenant): Promise<Ask> {
  const granted = await ask(tenant.url, tenant.tokenUrl, { form: GRANT });
  const token = granted.json<{ access_token: string }>().access_token;
  const standing = { authorization: `Bearer ${token}`, accept: "application/json" };
  return async (path, question = {}) =>
    ask(tenant.url, path, { ...question, headers: { ...standing, ...question.headers } });
}
