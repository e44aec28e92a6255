import type { RemoteInfo } from "node:dgram";
import { bindUdp } from "../udp-socket.ts";
import { mappedAddress, unmappedAddress } from "../wire/ip-address.ts";

/** One UDP socket that asks NASes. Identifiers are its own for each NAS: 256 requests at a time (RFC 2865 §3). */
export interface CoaSocket {
  /** A place for a request to this NAS, while not all of them are taken. */
  take(address: string, port: number): Place | undefined;
  close(): void;
}

/** An identifier that no other unanswered request to its NAS has, on its socket. */
export interface Place {
  readonly identifier: number;
  send(bytes: Buffer): void;
  /** Hands on every datagram that comes back under the identifier, until it is released. */
  listen(listener: Listener): void;
  release(): void;
}

type Listener = (datagram: Buffer) => void;

const IDENTIFIERS = 256;

/** What is asked of one NAS. */
interface Asked {
  /** By identifier, of all that are taken. */
  readonly listeners: Map<number, Listener | undefined>;
  /** The identifier that was taken last: the one that has been free for longest comes after it, or soon. */
  last: number;
}

export async function openCoaSocket(host: string): Promise<CoaSocket> {
  const askedOf = new Map<string, Asked>();
  const hear = (datagram: Buffer, { address, port }: RemoteInfo): void =>
    askedOf.get(nasKey(unmappedAddress(address), port))?.listeners.get(datagram[1] ?? 0)?.(datagram);
  const socket = await bindUdp({ host, port: 0, variable: "PORTCULLIS_HOST" }, hear);
  const isIpv6 = host.includes(":");
  return {
    take(address, port) {
      const nas = nasKey(address, port);
      const asked = askedOf.get(nas) ?? { listeners: new Map(), last: IDENTIFIERS - 1 };
      askedOf.set(nas, asked);
      const { listeners } = asked;
      if (listeners.size === IDENTIFIERS) return undefined;
      do asked.last = (asked.last + 1) % IDENTIFIERS;
      while (listeners.has(asked.last));
      const identifier = asked.last;
      listeners.set(identifier, undefined);
      const to = isIpv6 ? mappedAddress(address) : address;
      return {
        identifier,
        // A refused port (ICMP) is no answer either: the next try may find the NAS back.
        send: (bytes) => socket.send(bytes, port, to, () => undefined),
        listen: (listener) => void listeners.set(identifier, listener),
        release: () => void listeners.delete(identifier),
      };
    },
    close: () => void socket.close(),
  };
}

/** How a NAS is known where CoA is sent to it. */
export function nasKey(address: string, port: number): string {
  return `${address} ${port}`;
}
