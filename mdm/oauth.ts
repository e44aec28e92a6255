import type { LinkedAccount } from "../domain/linked-account.ts";
import { reveal, secret } from "../domain/secret.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { HttpAnswer } from "../outbound/http.ts";
import { countAt, parseJson, textAt } from "./json.ts";
import type { ProviderDeps } from "./provider.ts";
import type { Grant } from "./tokens.ts";
import { retryAfterMs, type Unreachable, unreachable, unreachableBy } from "./unreachable.ts";

/** Where an account's tokens may come from. */
export interface TokenService {
  /** Most likely first. */
  readonly urls: readonly string[];
  /** Whether to ask the next URL after this one failed. */
  readonly goesOnAfter: (failure: TokenFailure) => boolean;
  /** What to do about credentials that are refused: the vendor's screen. */
  readonly mending: string;
}

interface TokenFailure {
  readonly kind: "failed";
  readonly fault: Unreachable;
  /** True when nothing at this URL grants tokens; the credentials were not judged. */
  readonly isAbsent: boolean;
}

type Attempt = TokenFailure | Extract<Grant, { kind: "granted" }>;

const DEADLINE_MS = 15 * SECOND_MS;
/** For a service that does not say: the shortest that Jamf's documentation shows. */
const LIFETIME_SECONDS = 60;
/** Renew this long before the end, but never more than a quarter of the lifetime: tokens of 60 s exist. */
const RENEWAL_MS = 30 * SECOND_MS;
const RENEWAL_SHARE = 0.25;

/** Client credentials grant (RFC 6749 §4.4) from the first of the service's URLs that grants it. */
export async function obtainGrant(deps: ProviderDeps, account: LinkedAccount, service: TokenService): Promise<Grant> {
  const failures: TokenFailure[] = [];
  for (const url of service.urls) {
    const attempt = await requestToken(deps, account, url, service.mending);
    if (attempt.kind === "granted") return attempt;
    failures.push(attempt);
    if (!service.goesOnAfter(attempt)) break;
  }
  return { kind: "failed", fault: summary(failures), freshUntil: 0 };
}

/**
 * One fault for all URLs: what may pass (a service that could not be asked may be the right one) before refused
 * credentials, and those before URLs where no token service is.
 */
function summary(failures: readonly TokenFailure[]): Unreachable {
  const weight = ({ fault, isAbsent }: TokenFailure): number => (isAbsent ? 2 : fault.cause === "credentials" ? 1 : 0);
  const [gravest] = failures.toSorted((a, b) => weight(a) - weight(b));
  if (gravest === undefined) return unreachable("unreadable", "no token URL is known");
  return { ...gravest.fault, detail: [...new Set(failures.map(({ fault }) => fault.detail))].join("; ") };
}

async function requestToken(
  deps: ProviderDeps,
  account: LinkedAccount,
  url: string,
  mending: string,
): Promise<Attempt> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: account.clientId,
    client_secret: reveal(account.clientSecret),
  });
  const answer = await deps.http.request({
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: form.toString(),
    deadlineMs: DEADLINE_MS,
  });
  if (answer.kind === "failed") return { kind: "failed", fault: unreachableBy(answer), isAbsent: false };
  const token = answer.status === 200 ? textAt(parseJson(answer.text), "access_token") : undefined;
  if (token === undefined) return tokenFailure(url, answer, mending, deps.now());
  const lifetimeMs = (countAt(parseJson(answer.text), "expires_in") ?? LIFETIME_SECONDS) * SECOND_MS;
  const freshUntil = deps.now() + lifetimeMs - Math.min(RENEWAL_MS, lifetimeMs * RENEWAL_SHARE);
  return { kind: "granted", accessToken: secret(token), tokenUrl: url, freshUntil };
}

type Answered = Extract<HttpAnswer, { kind: "answer" }>;

function tokenFailure(url: string, answer: Answered, mending: string, now: number): TokenFailure {
  const { status, headers, text } = answer;
  const failed = (fault: Unreachable, isAbsent = false): TokenFailure => ({ kind: "failed", fault, isAbsent });
  // RFC 6749 §5.2. Its free text is left out: a service may echo what it was sent.
  const error = /^[a-z_]{1,40}$/.exec(textAt(parseJson(text), "error") ?? "")?.[0];
  const said = `${url} answered ${status}${error === undefined ? "" : ` (${error})`}`;
  // Servers that guard unknown paths answer 401 without an OAuth error where there is no token service.
  const isAbsent = status === 404 || status === 405 || (status === 401 && error === undefined);
  if (isAbsent)
    return failed(unreachable(status === 401 ? "credentials" : "unreadable", `${said}: no token service there`), true);
  if (status === 400 || status === 401) return failed(unreachable("credentials", `${said}: ${mending}`));
  if (status === 403) return failed(unreachable("forbidden", `${said}: ${mending}`));
  if (status === 429) return failed(unreachable("quota", `${said}: too many requests`, retryAfterMs(headers, now)));
  if (status >= 500)
    return failed(unreachable("vendorError", `${said}: the token service fails`, retryAfterMs(headers, now)));
  return failed(unreachable("unreadable", `${said}, without a token`));
}
