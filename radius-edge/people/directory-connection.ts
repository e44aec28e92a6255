/** LDAP over TLS to one server: RFC 4511, with ldapts, which is told as little as can be. */
import { once } from "node:events";
import { connect, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { SecureContext } from "node:tls";
import { Client, ResultCodeError } from "ldapts";
import type { ClientOptions, SearchOptions } from "ldapts";
import type { DirectoryHost } from "../../domain/directory.ts";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import type { DirectoryGuard } from "./directory-address.ts";
import { refusalOf } from "./directory-refusal.ts";

/** What it cannot do, it rejects: what the server does not serve, and all that is under way when the connection ends. */
export interface DirectoryConnection {
  /** Simple bind (RFC 4513 §5.1.3). Answers with why the user is refused, or `undefined`: the password is right. */
  bind(name: string, password: Secret): Promise<string | undefined>;
  /** The entries at and below `baseDn` that the filter finds, two at most, each with the values of one attribute. */
  search(baseDn: string, filter: string, attribute: string): Promise<readonly FoundEntry[]>;
  readonly isOpen: boolean;
  close(): void;
}

/** Whom a directory's server may be. */
export interface DirectoryTrust {
  readonly secureContext: SecureContext;
  readonly guard: DirectoryGuard;
}

interface FoundEntry {
  readonly dn: string;
  readonly values: readonly string[];
}

/** RFC 4511 §4.14.1. */
const START_TLS = "1.3.6.1.4.1.1466.20037";

/** Connects, and verifies the server's certificate before a password could travel. `signal` ends the attempt. */
export async function connectDirectory(
  { host, port, tls }: DirectoryHost,
  { secureContext, guard }: DirectoryTrust,
  signal: AbortSignal,
): Promise<DirectoryConnection> {
  const refusal = guard.refusalOf(host);
  if (refusal !== undefined) throw new Error(refusal);
  const socket = connect({ host, port, lookup: guard.lookup });
  const sockets: Socket[] = [socket];
  const close = (): void => {
    for (const each of sockets) each.destroy();
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    await opened(socket, "connect", signal);
    if (tls === "starttls") await startTls(socket);
    // RFC 6066 §3: server_name holds no address; for one, `host` is what the certificate is compared with.
    const name = isIP(host) === 0 ? { servername: host } : { host };
    const secured = connectTls({ socket, secureContext, minVersion: "TLSv1.2", ...name });
    sockets.unshift(secured);
    await opened(secured, "secureConnect", signal);
    return connectionOver(secured, close);
  } catch (error) {
    close();
    throw signal.aborted ? signal.reason : told(error);
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** Rejects with what went wrong, or with why the signal was given. */
async function opened(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  // A socket that fails when nobody waits for it any more is no news.
  socket.on("error", () => undefined);
  await once(socket, event, { signal });
}

/**
 * Asks for TLS with a client of its own, which is forgotten with whatever it has read: a stranger on the wire who sends
 * more than the answer has said it to nobody.
 */
async function startTls(socket: Socket): Promise<void> {
  await clientOver(socket).exop(START_TLS);
  socket.removeAllListeners("data");
}

function connectionOver(socket: Socket, close: () => void): DirectoryConnection {
  const client = clientOver(socket);
  return {
    async bind(name, password) {
      // RFC 4513 §5.1.2: a bind with a name and no password succeeds, and proves nothing.
      if (reveal(password) === "") return "the password is empty";
      try {
        await client.bind(name, reveal(password));
        return undefined;
      } catch (error) {
        const refusal = error instanceof ResultCodeError ? refusalOf(error.code, error.message) : undefined;
        if (refusal === undefined) throw told(error);
        return refusal;
      }
    },
    async search(baseDn, filter, attribute) {
      const wanted: SearchOptions = { scope: "sub", filter, attributes: [attribute], sizeLimit: 2 };
      const found = await client.search(baseDn, wanted).catch((error: unknown) => {
        throw told(error);
      });
      return found.searchEntries.map(({ dn, ...attributes }) => ({
        dn,
        // A server may write the attribute's name in another case than it was asked for.
        values: Object.values(attributes).flat().map(String),
      }));
    },
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
    close,
  };
}

/** ldapts connects again by itself where a connection has ended, without the TLS of StartTLS: here it has one socket. */
function clientOver(socket: Socket): Client {
  let isTaken = false;
  const createConnection = (): Socket => {
    if (isTaken) throw new Error("the server has closed the connection");
    isTaken = true;
    return socket;
  };
  return new Client({
    url: "ldap://connected.invalid",
    createConnection: createConnection as NonNullable<ClientOptions["createConnection"]>,
  });
}

/** A server's refusal in words: where the server says no more, ldapts leaves it at a code. */
function told(error: unknown): unknown {
  if (!(error instanceof ResultCodeError)) return error;
  const said = error.message.replace(/ ?Code: 0x[0-9a-f]+$/, "");
  return new Error(`LDAP result code ${error.code}${said === "" ? "" : `, ${said}`}`, { cause: error });
}
