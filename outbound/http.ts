import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher } from "undici";
import { type AddressGuard, createAddressGuard } from "./address-guard.ts";
import { readOctets } from "./body.ts";
import { failureOf, type HttpFailure } from "./failure.ts";
import { BlockedAddressError, guardedLookup } from "./guarded-lookup.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, from resolving the name to the last octet; 30 s by default. */
  readonly deadlineMs?: number;
  /** Largest body taken, in octets; 16 MiB by default. */
  readonly maxBytes?: number;
}

export type HttpAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Names in lower case; repeated headers joined by a comma and a space. */
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
    }
  | HttpFailure;

/** A body as it came. */
type HttpDownload =
  | (Omit<Extract<HttpAnswer, { readonly kind: "answer" }>, "text"> & { readonly octets: Buffer })
  | HttpFailure;

/** The way out. It never throws, never follows a redirect and never retries. */
export interface Http {
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** GETs what is public and proves itself, such as a signed list: plain http may go wherever https may. */
  download(request: Pick<HttpRequest, "url" | "deadlineMs" | "maxBytes">): Promise<HttpDownload>;
  /** Ends idle connections; requests in flight are let through. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** Prefixes and addresses that may be called although they are private, and over plain http. */
  readonly allowedNetworks: readonly string[];
  /** False only for our own edges: no check of addresses, and plain http is allowed. */
  readonly guard: boolean;
  /** Certificate authorities, PEM, trusted beside the public ones. */
  readonly caPem?: string;
  /** Speaks TLS with who knows this key and nobody else; certificates then count for nothing. */
  readonly preSharedKey?: PreSharedKey;
  /** Per origin; Jamf advises at most five (Jamf Pro API scalability best practices). */
  readonly connections?: number;
}

/** RFC 8446 §2.2. */
interface PreSharedKey {
  /** Which key it is; travels in clear text. */
  readonly identity: string;
  readonly key: Uint8Array;
}

const DEADLINE_MS = 30_000;
const MAX_BYTES = 16 * 1024 * 1024;
const CONNECTIONS = 5;

/** Throws a RangeError when one of `allowedNetworks` is no network. */
export function createHttp(options: HttpOptions): Http {
  const addresses = createAddressGuard(options.allowedNetworks);
  const agentsOf = (rules: Schemes) =>
    new Map(Object.entries(rules).map(([scheme, allows]) => [scheme, { allows, agent: createAgent(options, allows) }]));
  const secret = agentsOf(options.guard ? guardedSchemes(addresses) : OPEN_SCHEMES);
  const open = agentsOf(options.guard ? publicSchemes(addresses) : OPEN_SCHEMES);
  const send = async (ways: typeof secret, request: HttpRequest): Promise<HttpDownload> => {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    const way = url && ways.get(url.protocol);
    if (url === undefined || way === undefined) {
      return failureOf("outbound", new TypeError(`"${request.url}" is no http or https URL`));
    }
    const refusal = refusedLiteral(url, way.allows);
    return refusal === undefined ? exchange(way.agent, url, request) : failureOf(url.host, refusal);
  };
  return {
    request: async (request) => {
      const answer = await send(secret, request);
      if (answer.kind === "failed") return answer;
      const { octets, ...rest } = answer;
      return { ...rest, text: octets.toString("utf8") };
    },
    download: (request) => send(open, { method: "GET", ...request }),
    close: async () => {
      await Promise.all([...secret.values(), ...open.values()].map(({ agent }) => agent.close()));
    },
  };
}

type Allows = (address: string) => boolean;
/** Which addresses each scheme may go to. */
type Schemes = Readonly<Record<string, Allows>>;

/** Plain http would carry client secrets and tokens in clear text: only to where the operator said so. */
function guardedSchemes({ isPermitted, isExempt }: AddressGuard): Schemes {
  return { "https:": isPermitted, "http:": isExempt };
}

function publicSchemes({ isPermitted }: AddressGuard): Schemes {
  return { "https:": isPermitted, "http:": isPermitted };
}

const OPEN_SCHEMES: Schemes = { "https:": () => true, "http:": () => true };

function createAgent({ caPem, preSharedKey, connections = CONNECTIONS }: HttpOptions, allows: Allows): Agent {
  const ca = caPem === undefined ? {} : { ca: [...rootCertificates, caPem] };
  const trust = preSharedKey === undefined ? ca : trustKey(preSharedKey);
  // The deadline of each request is its only clock; undici's own timers would cut long answers short of it.
  return new Agent({
    connections,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { lookup: guardedLookup(allows), ...trust },
  });
}

/**
 * A server that ignores the offered key may show a certificate instead: no authority is trusted, whatever the environment
 * says (NODE_TLS_REJECT_UNAUTHORIZED). OpenSSL's callback takes keys for SHA-256 alone, hence the one cipher suite.
 */
function trustKey({ identity, key }: PreSharedKey) {
  return {
    minVersion: "TLSv1.3" as const,
    ciphers: "TLS_AES_128_GCM_SHA256",
    pskCallback: () => ({ identity, psk: key }),
    ca: [] as string[],
    rejectUnauthorized: true,
  };
}

/**
 * Node connects to an address in the URL without asking `lookup`, so addresses are judged here too. `URL` has already
 * turned every spelling (0x7f000001, 127.1, [::ffff:127.0.0.1]) into the canonical one.
 */
function refusedLiteral(url: URL, allows: Allows): BlockedAddressError | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) === 0 || allows(host)) return undefined;
  return new BlockedAddressError(`${url.protocol}//${url.host} may not be called`);
}

async function exchange(agent: Agent, url: URL, request: HttpRequest): Promise<HttpDownload> {
  const { method, headers, body, deadlineMs = DEADLINE_MS, maxBytes = MAX_BYTES } = request;
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), deadlineMs);
  const failed = (cause: "deadline" | "tooLarge", what: string): HttpFailure => ({
    kind: "failed",
    cause,
    detail: `${url.host}: ${what}`,
    code: undefined,
  });
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { "user-agent": "portcullis", ...headers },
      body: body ?? null,
      signal: clock.signal,
    });
    const octets = await readOctets(answer.body, maxBytes);
    if (octets === undefined) return failed("tooLarge", `the answer is larger than ${maxBytes} octets`);
    return { kind: "answer", status: answer.statusCode, headers: joined(answer.headers), octets };
  } catch (error) {
    return clock.signal.aborted ? failed("deadline", `no answer within ${deadlineMs} ms`) : failureOf(url.host, error);
  } finally {
    clearTimeout(timer);
  }
}

function joined(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), [value].flat().join(", ")]));
}
