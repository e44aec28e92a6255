/**
 * Who may resume a TLS session. A ticket (RFC 5077, RFC 8446 §4.6.1) opens only under the keys that sealed it, and these
 * come from all that a resumed session must still have in common with its first handshake: installation, organization,
 * method, trusted authorities and period. Where one of them differs the client is asked to prove itself in full.
 */
import { hkdfSync, type X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:tls";
import { HOUR_MS } from "../../domain/time.ts";

export interface ResumptionScope {
  /** Shared by all edges of an installation, so that a client may roam among them; 32 octets. */
  readonly secret: Uint8Array;
  readonly organization: string;
}

/**
 * Keys live for one period and open nothing sealed before it. OpenSSL counts a ticket's age from its own issue, and issues
 * a new one at each resumption: this is what bounds how long ago the certificate was shown.
 */
export const RESUMPTION_PERIOD_MS = 12 * HOUR_MS;

export const periodOf = (now: number): number => Math.floor(now / RESUMPTION_PERIOD_MS);

export interface ResumptionKeys {
  readonly ticketKeys: Buffer;
  readonly sessionIdContext: string;
}

/** Node's ticketKeys: name, HMAC key and AES key, 16 octets each. OpenSSL's session id context has at most 32. */
const TICKET_KEYS_OCTETS = 48;
const CONTEXT_OCTETS = 16;

/** The keys of EAP-TLS in one period. */
export function resumptionKeys(
  { secret, organization }: ResumptionScope,
  trusted: readonly X509Certificate[],
  period: number,
): ResumptionKeys {
  const authorities = [...new Set(trusted.map(({ fingerprint256 }) => fingerprint256))].toSorted();
  const info = JSON.stringify(["eap-tls", organization, authorities, period]);
  const octets = TICKET_KEYS_OCTETS + CONTEXT_OCTETS;
  const material = Buffer.from(hkdfSync("sha256", secret, new Uint8Array(0), info, octets));
  return {
    ticketKeys: material.subarray(0, TICKET_KEYS_OCTETS),
    sessionIdContext: material.toString("hex", TICKET_KEYS_OCTETS),
  };
}

/** Sessions of some 1.5 KB, for clients that keep no tickets: oldest out first. */
const MOST_SESSIONS = 2_000;

/**
 * Remembers TLS 1.2 sessions by id (RFC 5246 §7.4.1.2), in this process. Node asks a tls.Server's listeners for them; this
 * one never listens. Each belongs to one context, and is forgotten with it.
 */
export function createSessionMemory(): Server {
  const sessions = new Map<string, Buffer>();
  const server = createServer();
  server.on("newSession", (id: Buffer, session: Buffer, done: () => void) => {
    sessions.set(id.toString("hex"), session);
    if (sessions.size > MOST_SESSIONS) sessions.delete(sessions.keys().next().value!);
    done();
  });
  server.on("resumeSession", (id: Buffer, done: (error: null, session: Buffer | null) => void) =>
    done(null, sessions.get(id.toString("hex")) ?? null),
  );
  return server;
}
