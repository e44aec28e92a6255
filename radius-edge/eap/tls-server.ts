/** Our end of TLS: one context per organization and method, so that no session of one is worth anything to another. */
import { constants, randomBytes, type X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import { SECOND_MS } from "../../domain/time.ts";
import { offersTls13 } from "./client-hello.ts";
import {
  createSessionMemory,
  periodOf,
  RESUMPTION_PERIOD_MS,
  resumptionKeys,
  type ResumptionScope,
} from "./tls-resumption.ts";

/** Lays our end of TLS over a wire, for a client whose first message is `hello`. */
export type TlsServer = (wire: Duplex, hello: Buffer) => TLSSocket;

/** PEM texts, checked. */
export interface PresentedCertificate {
  readonly cert: string;
  readonly key: string;
}

const PROTOCOL = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ecdhCurve: "X25519:P-256:P-384",
} satisfies SecureContextOptions;

/** Asks for a certificate, and resumes sessions. Throws what OpenSSL says of unfit material. */
export function createResumingServer(
  presented: PresentedCertificate,
  trusted: readonly X509Certificate[],
  scope: ResumptionScope,
  clock: () => number,
): TlsServer {
  const ca = trusted.map(String);
  const inPeriod = (period: number) => ({
    period,
    secureContext: createSecureContext({
      ...presented,
      ...PROTOCOL,
      ca,
      // An operator who trusts an issuing authority need not hold its root.
      allowPartialTrustChain: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      sessionTimeout: RESUMPTION_PERIOD_MS / SECOND_MS,
      ...resumptionKeys(scope, trusted, period),
    }),
    memory: createSessionMemory(),
  });
  let current = inPeriod(periodOf(clock()));
  return (wire, hello) => {
    const period = periodOf(clock());
    if (period !== current.period) current = inPeriod(period);
    const { secureContext, memory } = current;
    // In TLS 1.3 a ticket is all there is: to be shown sessions as well would cost a tenth of the handshake.
    const remembering = offersTls13(hello) ? {} : { server: memory };
    const asked = { requestCert: true, rejectUnauthorized: false };
    return new TLSSocket(wire, { isServer: true, secureContext, ...remembering, ...asked });
  };
}

/** Asks for no certificate, and resumes nothing. */
export function createForgetfulServer(presented: PresentedCertificate): TlsServer {
  const secureContext = createSecureContext({
    ...presented,
    ...PROTOCOL,
    // An empty list, as without one Node would load the public web's.
    ca: [],
    // Without tickets OpenSSL refers to a session cache, and a TLSSocket without a server has none. Keys and context of
    // its own keep a ticket of anyone else's out as well.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    ticketKeys: randomBytes(48),
    sessionIdContext: randomBytes(16).toString("hex"),
  });
  return (wire) => new TLSSocket(wire, { isServer: true, secureContext });
}
