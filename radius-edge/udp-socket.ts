import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";

/** The kernel's default holds some 166 requests; a burst of 5,000 needs this (measured). */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;

/** The kernel spreads senders over those who listen. Node knows it from 23.1 on, and the types of Node 20 do not. */
const SHARED: object = { reusePort: true };

/** Binds a UDP socket; `isShared`: on a port that others may share. Throws an error that names the port, and `variable` that changes it, when it is taken. */
export async function bindUdp(
  at: { readonly host: string; readonly port: number; readonly variable: string; readonly isShared?: boolean },
  onMessage: (datagram: Buffer, peer: RemoteInfo) => void,
): Promise<Socket> {
  const socket = createSocket({
    type: at.host.includes(":") ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    ...(at.isShared === true ? SHARED : {}),
  });
  socket.on("message", onMessage);
  socket.bind(at.port, at.host);
  try {
    await once(socket, "listening");
  } catch (error) {
    socket.close();
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(`UDP port ${at.port} on ${at.host} is taken: set ${at.variable} to a free one`, { cause: error });
  }
  return socket;
}

/** `host:port` where it listens. */
export function addressOf(socket: Socket): string {
  const { address, port } = socket.address();
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
