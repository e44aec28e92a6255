import type { RemoteInfo } from "node:dgram";
import { bindUdp } from "../udp-socket.ts";
import { mappedAddress, unmappedAddress } from "../wire/ip-address.ts";

/** One UDP socket that asks NASes. Identifiers are its own for each NAS: 256 requests at a time (RFC 2865 §3). */
export interface CoaSocket {
  /** An identifier that no unanswered request to this NAS has, on this socket. */
  freeIdentifier(address: string, port: number): number | undefined;
  /** Sends, and hands every datagram that comes back under this identifier to `listen`, until `release`. */
  await(address: string, port: number, identifier: number, listen: (datagram: Buffer) => void): void;
  send(bytes: Buffer, address: string, port: number): void;
  release(address: string, port: number, identifier: number): void;
  close(): void;
}

export async function openCoaSocket(host: string): Promise<CoaSocket> {
  const listeners = new Map<string, (datagram: Buffer) => void>();
  const lastIdentifier = new Map<string, number>();
  const hear = (datagram: Buffer, { address, port }: RemoteInfo): void =>
    listeners.get(keyOf(unmappedAddress(address), port, datagram[1] ?? 0))?.(datagram);
  const socket = await bindUdp({ host, port: 0, variable: "PORTCULLIS_HOST" }, hear);
  const isIpv6 = host.includes(":");
  return {
    freeIdentifier(address, port) {
      const nas = `${address} ${port}`;
      const last = lastIdentifier.get(nas) ?? -1;
      for (let step = 1; step <= 256; step++) {
        const identifier = (last + step) % 256;
        if (listeners.has(keyOf(address, port, identifier))) continue;
        lastIdentifier.set(nas, identifier);
        return identifier;
      }
      return undefined;
    },
    await: (address, port, identifier, listen) => void listeners.set(keyOf(address, port, identifier), listen),
    // A refused port (ICMP) is no answer either: the next try may find the NAS back.
    send: (bytes, address, port) =>
      socket.send(bytes, port, isIpv6 ? mappedAddress(address) : address, () => undefined),
    release: (address, port, identifier) => void listeners.delete(keyOf(address, port, identifier)),
    close: () => void socket.close(),
  };
}

function keyOf(address: string, port: number, identifier: number): string {
  return `${address} ${port} ${identifier}`;
}
