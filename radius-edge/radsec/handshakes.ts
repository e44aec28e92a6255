import type { Socket } from "node:net";
import { SECOND_MS } from "../../domain/time.ts";
import { ipv6Octets, unmappedAddress } from "../wire/ip-address.ts";

/** TCP connections over which TLS has not come about yet: anybody can open one, and need prove nothing to hold it. */
export interface Handshakes {
  /**
   * TLS begins on the socket. From then on it has its time: one that needs longer is closed. Where as many as may be are
   * under way, from there or in all, the oldest is destroyed for it, with `PushedOut`.
   */
  begin(socket: Socket): void;
  /** TLS has come about on the socket. */
  finish(socket: Socket): void;
  /** Closes all that are under way. */
  close(): void;
}

/** Why a handshake came to nothing: one that began later has its place. */
export class PushedOut extends Error {
  constructor() {
    super("too many handshakes are under way, and this one was the oldest");
  }
}

interface Handshake {
  readonly source: string;
  readonly forget: () => void;
}

/** So many NASes behind one address may come at once, as a branch does after its uplink was away; those beyond come again. */
const MOST_OF_ONE_SOURCE = 128;
const MOST = 1_024;
const LIMIT_MS = 10 * SECOND_MS;

/**
 * The oldest make room: an honest handshake is over in a tenth of a second, so that those who hold theirs open push out
 * one another. Were the newest refused, a few silent hosts could keep every NAS out.
 */
export function createHandshakes(most = MOST, mostOfOneSource = MOST_OF_ONE_SOURCE, limitMs = LIMIT_MS): Handshakes {
  /** The oldest first. */
  const open = new Map<Socket, Handshake>();
  const bySource = new Map<string, number>();
  const countOf = (source: string): number => bySource.get(source) ?? 0;
  const count = (source: string, by: 1 | -1): void => {
    const now = countOf(source) + by;
    if (now === 0) bySource.delete(source);
    else bySource.set(source, now);
  };
  const pushOut = (isOfThese: (source: string) => boolean): void => {
    for (const [socket, { source, forget }] of open) {
      if (!isOfThese(source)) continue;
      forget();
      socket.destroy(new PushedOut());
      return;
    }
  };
  const makeRoom = (newcomer: string): void => {
    if (countOf(newcomer) >= mostOfOneSource) return pushOut((source) => source === newcomer);
    if (open.size < most) return;
    const fullest = Math.max(...bySource.values());
    pushOut((source) => countOf(source) === fullest);
  };
  return {
    begin(socket) {
      const source = sourceOf(socket.remoteAddress ?? "");
      makeRoom(source);
      // From the first octet to the last: the idle timer of a socket would begin anew with each octet that drips in.
      const timer = setTimeout(() => socket.destroy(), limitMs);
      const forget = (): void => {
        clearTimeout(timer);
        socket.off("close", forget);
        open.delete(socket);
        count(source, -1);
      };
      socket.once("close", forget);
      open.set(socket, { source, forget });
      count(source, 1);
    },
    finish: (socket) => open.get(socket)?.forget(),
    close() {
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

/** One host has a whole /64 of IPv6 to come from (RFC 4291 §2.5.4). */
function sourceOf(remoteAddress: string): string {
  const address = unmappedAddress(remoteAddress);
  return ipv6Octets(address.replace(/%.*$/, ""))?.toString("hex", 0, 8) ?? address;
}
