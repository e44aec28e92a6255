import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";
import { chainFault } from "../eap/chain-fault.ts";

/** How a TLS handshake with a NAS ended. */
interface Handlers {
  /** The peer's certificate is verified. */
  readonly onSecure: (socket: TLSSocket) => void;
  /** Nothing came about; called once, `error` where there was one. */
  readonly onFailure: (error: Error | undefined) => void;
}

/**
 * TLS as a server on a connection, with a certificate demanded. Not by a `tls.Server`: when that has a socket, newer Nodes (24)
 * no longer tell which certificates the peer sent beside its own.
 */
export function openTls(raw: Socket, secureContext: SecureContext, { onSecure, onFailure }: Handlers): void {
  const socket = new TLSSocket(raw, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: true });
  let isOver = false;
  const fail = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    onFailure(error);
    raw.destroy();
  };
  raw.on("error", fail);
  socket.on("error", fail);
  socket.once("close", () => fail());
  socket.once("secure", () => {
    const fault = chainFault(socket);
    if (fault !== undefined) return fail(fault);
    isOver = true;
    onSecure(socket);
  });
}
