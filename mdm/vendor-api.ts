import type { LinkedAccount } from "../domain/linked-account.ts";
import { VENDOR_NAMES } from "../domain/linked-account.ts";
import { reveal } from "../domain/secret.ts";
import type { HttpAnswer } from "../outbound/http.ts";
import { parseJson } from "./json.ts";
import { obtainGrant, type TokenService } from "./oauth.ts";
import type { ProviderDeps } from "./provider.ts";
import { accountKey, type Grant } from "./tokens.ts";
import { retryAfterMs, type Unreachable, unreachable, unreachableBy } from "./unreachable.ts";

/** An answer that the vendor's own code has to judge: 2xx with JSON, 204, and 4xx other than 401, 403 and 429. */
export interface VendorAnswer {
  readonly kind: "answer";
  readonly status: number;
  /** `undefined` for an empty body, and for one of an error that is not JSON. */
  readonly body: unknown;
}

/** Authenticated calls of one account's API. */
export interface VendorApi {
  /** Without `json` a GET, with it a POST. */
  call(path: string, json?: unknown): Promise<VendorAnswer | Unreachable>;
  token(): Promise<Grant>;
}

/** What differs between vendors. */
export interface VendorManners {
  readonly service: TokenService;
  readonly headers: Readonly<Record<string, string>>;
  /** A sentence for a 401 that a fresh token does not cure, and for a 403: the cause, and the screen that mends it. */
  readonly explainRefusal: (status: 401 | 403, body: unknown) => string;
}

export function createVendorApi(account: LinkedAccount, deps: ProviderDeps, manners: VendorManners): VendorApi {
  const key = accountKey(account);
  const token = (): Promise<Grant> => deps.tokens.grants.take(key, () => obtainGrant(deps, account, manners.service));
  const send = (grant: Extract<Grant, { kind: "granted" }>, path: string, json: unknown): Promise<HttpAnswer> =>
    deps.http.request({
      method: json === undefined ? "GET" : "POST",
      url: account.instanceUrl + path,
      headers: {
        ...manners.headers,
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        authorization: `Bearer ${reveal(grant.accessToken)}`,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  return {
    token,
    call: async (path, json) => {
      const grant = await token();
      if (grant.kind === "failed") return grant.fault;
      const answer = await send(grant, path, json);
      if (answer.kind === "failed" || answer.status !== 401) return judge(account, manners, answer, deps.now());
      // Revoked, or run out by another clock: one fresh token, one replay.
      deps.tokens.grants.drop(key, grant);
      const fresh = await token();
      if (fresh.kind === "failed") return fresh.fault;
      return judge(account, manners, await send(fresh, path, json), deps.now());
    },
  };
}

function judge(
  account: LinkedAccount,
  manners: VendorManners,
  answer: HttpAnswer,
  now: number,
): VendorAnswer | Unreachable {
  if (answer.kind === "failed") return unreachableBy(answer);
  const { status, headers, text } = answer;
  const vendor = VENDOR_NAMES[account.kind];
  const body = parseJson(text);
  if (status === 401) return unreachable("credentials", manners.explainRefusal(401, body));
  if (status === 403) return unreachable("forbidden", manners.explainRefusal(403, body));
  if (status === 429) {
    return unreachable(
      "quota",
      `${vendor} answered 429: its quota of API calls is used up`,
      retryAfterMs(headers, now),
    );
  }
  if (status >= 500) {
    return unreachable("vendorError", `${vendor} answered ${status}: it fails at present`, retryAfterMs(headers, now));
  }
  if (status >= 300 && status < 400) return unreachable("unreadable", `${vendor} redirects elsewhere: ${WRONG_HOST}`);
  if (status === 200 && body === undefined) {
    return unreachable("unreadable", `${vendor} answered with something other than JSON: ${WRONG_HOST}`);
  }
  return { kind: "answer", status, body };
}

const WRONG_HOST = "instance_url may be the console's or a proxy's instead of the API's";

/** For an answer whose status the caller has no use for. */
export function unexpected(account: LinkedAccount, answer: VendorAnswer, what: string): Unreachable {
  return unreachable("unreadable", `${VENDOR_NAMES[account.kind]} answered ${answer.status} to ${what}: ${WRONG_HOST}`);
}
