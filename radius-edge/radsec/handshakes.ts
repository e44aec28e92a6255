import type { Socket } from "node:net";
import { SECOND_MS } from "../../domain/time.ts";
import { ipv6Octets, unmappedAddress } from "../wire/ip-address.ts";

/** TCP connections over which TLS has not come about yet: anybody can open one, and need prove nothing to hold it. */
export interface Handshakes {
  /** Whether TLS may begin on the socket. From then on it has its time: one that needs longer is closed. */
  begin(socket: Socket): boolean;
  /** TLS has come about on the connection from there. */
  finish(end: Pick<Socket, "remoteAddress" | "remotePort">): void;
  /** Closes all that are under way. */
  close(): void;
}

/** So many NASes behind one address may come at once, as a branch does after its uplink was away; those beyond come again. */
const MOST_OF_ONE_SOURCE = 128;
const MOST = 1_024;
const LIMIT_MS = 10 * SECOND_MS;

export function createHandshakes(most = MOST, mostOfOneSource = MOST_OF_ONE_SOURCE, limitMs = LIMIT_MS): Handshakes {
  const open = new Map<string, { readonly socket: Socket; readonly forget: () => void }>();
  const bySource = new Map<string, number>();
  const count = (source: string, by: 1 | -1): void => {
    const now = (bySource.get(source) ?? 0) + by;
    if (now === 0) bySource.delete(source);
    else bySource.set(source, now);
  };
  return {
    begin(socket) {
      const source = sourceOf(socket.remoteAddress ?? "");
      if (open.size >= most || (bySource.get(source) ?? 0) >= mostOfOneSource) return false;
      const key = keyOf(socket);
      // From the first octet to the last: the idle timer of a socket would begin anew with each octet that drips in.
      const timer = setTimeout(() => socket.destroy(), limitMs);
      const forget = (): void => {
        clearTimeout(timer);
        socket.off("close", forget);
        open.delete(key);
        count(source, -1);
      };
      socket.once("close", forget);
      open.set(key, { socket, forget });
      count(source, 1);
      return true;
    },
    finish: (end) => open.get(keyOf(end))?.forget(),
    close() {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

/** The TLS socket is another object than the TCP socket below it; where they come from they share. */
function keyOf({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">): string {
  return `${remoteAddress} ${remotePort}`;
}

/** One host has a whole /64 of IPv6 to come from (RFC 4291 §2.5.4). */
function sourceOf(remoteAddress: string): string {
  const address = unmappedAddress(remoteAddress);
  return ipv6Octets(address.replace(/%.*$/, ""))?.toString("hex", 0, 8) ?? address;
}
