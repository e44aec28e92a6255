import { constants } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { createSecureContext } from "node:tls";
import type { SecureContext, TLSSocket } from "node:tls";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import type { Nas, RadsecIdentity } from "../../domain/nas.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { readAuthorities } from "../../runtime/crl-signature.ts";
import type { Log } from "../../runtime/log.ts";
import type { Metrics } from "../../runtime/metrics.ts";
import type { Dispatch } from "../dispatch.ts";
import { isIssuerOf, radsecAuthority, radsecIdentities, radsecIssuer } from "./certificate.ts";
import type { RadsecAuthority } from "./certificate.ts";
import { openRadsecConnection } from "./connection.ts";
import type { RadsecConnections } from "./connections.ts";
import { createHandshakes, PushedOut } from "./handshakes.ts";
import { createRadsecMetrics } from "./metrics.ts";
import type { RadsecEnd, RadsecMetrics } from "./metrics.ts";
import type { ReturnedNases } from "./returned-nases.ts";
import { openTls } from "./tls-socket.ts";
import type { Snapshot } from "../snapshot.ts";

/** RADIUS over TLS (RFC 6614): authentication, accounting and CoA of a NAS on connections that it opens. */
export interface RadsecServer {
  /** `host:port`. */
  readonly address: string;
  /** Takes no new requests, answers those in hand, closes the connections. */
  close(): Promise<void>;
}

/** The installation's, PEM. NASes of all organizations meet it, so it is none of their settings. */
interface RadsecMaterial {
  readonly certificate: string;
  readonly key: Secret;
  /** The authorities whose NASes may connect. */
  readonly authorities: string;
}

export interface RadsecServerOptions {
  readonly host: string;
  readonly port: number;
  /** Whether other processes may listen on the same port: each connection is one's. */
  readonly sharesPort?: boolean;
  /** A socket that listens already. */
  readonly fd?: number | undefined;
  readonly material: RadsecMaterial;
  readonly dispatch: Dispatch;
  /** Filled here; CoA is sent along them. */
  readonly connections: RadsecConnections;
  readonly returned: Pick<ReturnedNases, "note">;
  readonly snapshot: Pick<Snapshot, "findNasByCertificate">;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** An idle connection takes some 50 KB. */
const MOST_CONNECTIONS = 8_192;
/** Finds peers that went without a word; those that live ask by Status-Server (RFC 5997), and are answered. */
const KEEPALIVE_MS = 60 * SECOND_MS;

/** Starts the server. Throws an error that names the port and its variable when it is taken, or material that is none. */
export async function startRadsecServer(options: RadsecServerOptions): Promise<RadsecServer> {
  const { dispatch, connections, log } = options;
  const metrics = createRadsecMetrics(options.metrics, () => connections.size);
  const context = createContext(options.material);
  const authorities = readAuthorities([options.material.authorities]).flatMap(
    ({ certificate }) => radsecAuthority(certificate) ?? [],
  );
  const handshakes = createHandshakes();
  const server = createServer((raw) => {
    const peer = raw.remoteAddress;
    handshakes.begin(raw);
    openTls(raw, context, {
      onSecure(socket) {
        handshakes.finish(raw);
        admit(socket, authorities, metrics, options);
      },
      onFailure(error) {
        metrics.ended(error instanceof PushedOut ? "too-many-handshakes" : "handshake");
        log.debug({ err: error, peer }, "no RadSec connection came about");
      },
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("drop", () => metrics.ended("too-many"));
  await listen(server, options);
  return {
    address: addressOf(server),
    async close() {
      const closed = once(server, "close");
      server.close();
      handshakes.close();
      await dispatch.drain();
      for (const connection of connections.all()) connection.close("shutdown");
      await closed;
    },
  };
}

function createContext({ certificate, key, authorities }: RadsecMaterial): SecureContext {
  try {
    return createSecureContext({
      cert: certificate,
      key: reveal(key),
      ca: authorities,
      // RFC 6614 §2.3 has 1.1 and up; RFC 8996 forbids what is below 1.2.
      minVersion: "TLSv1.2",
      // A resumed session would bring its certificate back unexamined, and NASes rarely connect.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
  } catch (error) {
    // OpenSSL says what, and nothing of the key.
    const sentence = `RadSec cannot start with its certificate, key and CA files: ${(error as Error).message}`;
    throw new Error(sentence, { cause: error });
  }
}

/** TLS has verified the certificate's chain; whose it is, the registry says. */
function admit(
  socket: TLSSocket,
  authorities: readonly RadsecAuthority[],
  metrics: RadsecMetrics,
  { dispatch, connections, returned, snapshot, log }: RadsecServerOptions,
): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEPALIVE_MS);
  const refuse = (reason: RadsecEnd, facts: object, sentence: string): void => {
    metrics.ended(reason);
    log.warn({ peer: socket.remoteAddress, ...facts }, sentence);
    socket.destroy();
  };
  socket.on("error", () => socket.destroy());
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return refuse("unknown-nas", {}, "a RadSec connection without a certificate");
  const issuer = radsecIssuer(certificate, authorities);
  const findNas = (identity: RadsecIdentity): Nas | undefined => {
    const found = snapshot.findNasByCertificate(identity);
    return found?.radsec !== undefined && isIssuerOf(found.radsec, issuer) ? found : undefined;
  };
  const identities = radsecIdentities(certificate.raw);
  const [nas] = identities.map(findNas).filter((one) => one !== undefined);
  if (nas?.radsec === undefined) {
    return refuse("unknown-nas", { identities, issuer }, "a RadSec certificate that is no NAS's");
  }
  if (!connections.hasRoom(nas.id)) return refuse("too-many", { nas: nas.id }, "too many RadSec connections of a NAS");
  const { id, radsec } = nas;
  const connection = openRadsecConnection({
    socket,
    dispatch,
    // Asked for each packet: what it is registered with may change, and it may be gone.
    nas() {
      const now = findNas(radsec);
      return now?.id === id ? now : undefined;
    },
    onEnd: (reason) => {
      connections.delete(id, connection);
      metrics.ended(reason);
      log.info({ nas: id, reason }, "a RadSec connection has ended");
    },
  });
  if (!connections.coa.reaches(id)) returned.note(id);
  connections.add(id, connection);
  log.info({ nas: id, san: radsec.san, tls: socket.getProtocol() }, "a NAS has connected by RadSec");
}

async function listen(server: Server, { host, port, fd, sharesPort = false }: RadsecServerOptions): Promise<void> {
  const shared: object = { reusePort: sharesPort };
  server.listen(fd === undefined ? { port, host, ...shared } : { fd });
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(`TCP port ${port} on ${host} is taken: set PORTCULLIS_RADSEC_PORT to a free one`, { cause: error });
  }
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
