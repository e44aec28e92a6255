import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket, SocketOptions } from "node:dgram";
import { lookup } from "node:dns";
import { once } from "node:events";
import { isIP } from "node:net";

/** The kernel's default holds some 166 requests; a burst of 5,000 needs this (measured). */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;

/** The kernel spreads senders over those who listen. Node knows it from 23.1 on, and the types of Node 20 do not. */
const SHARED: object = { reusePort: true };

/** Answers go where requests came from: to addresses, which Node would look up all the same, and wait a turn for each. */
const lookupNames: NonNullable<SocketOptions["lookup"]> = (host, options, found) => {
  const family = isIP(host);
  if (family === 0) lookup(host, options, found);
  else found(null, host, family);
};

/** Where a socket is to be. */
export interface UdpPlace {
  readonly host: string;
  readonly port: number;
  /** What changes the port. */
  readonly variable: string;
  /** Whether others may share the port. */
  readonly isShared?: boolean | undefined;
  /** A socket that is bound already; host, of its kind, and port are then what it has. */
  readonly fd?: number | undefined;
}

/** Binds a UDP socket. Throws an error that names the port, and `variable` that changes it, when it is taken. */
export async function bindUdp(at: UdpPlace, onMessage: OnMessage): Promise<Socket> {
  const socket = createSocket({
    type: at.host.includes(":") ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    lookup: lookupNames,
    ...(at.isShared === true ? SHARED : {}),
  });
  socket.on("message", gathered(onMessage));
  // A socket that is bound already says so at once, before `bind` returns.
  const listening = once(socket, "listening");
  socket.bind(at.fd === undefined ? { port: at.port, address: at.host } : { fd: at.fd });
  try {
    await listening;
  } catch (error) {
    socket.close();
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(`UDP port ${at.port} on ${at.host} is taken: set ${at.variable} to a free one`, { cause: error });
  }
  return socket;
}

type OnMessage = (datagram: Buffer, peer: RemoteInfo) => void;

/**
 * What is read in one turn of the event loop is worked on together at its end. A processor that goes to and fro between the
 * kernel's code and ours for each datagram takes a quarter longer for it (measured).
 */
function gathered(onMessage: OnMessage): OnMessage {
  let waiting: (readonly [Buffer, RemoteInfo])[] = [];
  const work = (): void => {
    const together = waiting;
    waiting = [];
    for (const [datagram, peer] of together) onMessage(datagram, peer);
  };
  return (datagram, peer) => {
    if (waiting.push([datagram, peer]) === 1) setImmediate(work);
  };
}

/** `host:port` where it listens. */
export function addressOf(socket: Socket): string {
  const { address, port } = socket.address();
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Sends an answer, where it can be sent: Node throws for port 0 (a peer that wants none, RFC 768; anybody can forge it, and
 * no authenticator covers it) and for a socket that was closed while the answer was made.
 */
export function answerTo(peer: Pick<RemoteInfo, "address" | "port">, answer: Buffer, socket: Socket): void {
  try {
    // A callback would cost each answer a turn, and tell no more of UDP.
    socket.send(answer, peer.port, peer.address);
  } catch {
    // As lost as a datagram that the network loses.
  }
}
