import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { once } from "node:events";
import type { Secret } from "../../../domain/secret.ts";
import { writeErrorCause } from "../../../radius-edge/wire/attribute-writers.ts";
import { buildResponse, verifyRequest } from "../../../radius-edge/wire/exchange.ts";
import type { ResponseDraft } from "../../../radius-edge/wire/exchange.ts";
import { decodePacket } from "../../../radius-edge/wire/packet.ts";
import type { Packet } from "../../../radius-edge/wire/packet.ts";

/** The NAS's end of dynamic authorization. */
export interface CoaNas {
  readonly port: number;
  readonly received: readonly Buffer[];
  close(): void;
}

export interface CoaNasOptions {
  readonly secret: Secret;
  readonly host?: string;
  readonly delayMs?: number;
  /** What it signs its answers with, where that is not the secret. */
  readonly signs?: Secret;
}

/** A NAS that answers its nth request as `respond` says; `undefined` is silence. */
export async function openCoaNas(
  respond: (nth: number, request: Packet) => ResponseDraft | undefined,
  { secret, host = "127.0.0.1", delayMs = 0, signs = secret }: CoaNasOptions,
): Promise<CoaNas> {
  const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4", recvBufferSize: 4 * 1024 * 1024 });
  const received: Buffer[] = [];
  let isClosed = false;
  const answer = (datagram: Buffer, peer: RemoteInfo): void => {
    received.push(Buffer.from(datagram));
    const decoded = decodePacket(datagram);
    if (decoded.kind === "drop" || verifyRequest(decoded.packet, secret).kind !== "authentic") return;
    const draft = respond(received.length, decoded.packet);
    const response = draft && buildResponse(draft, decoded.packet, signs);
    if (response?.kind !== "encoded") return;
    setTimeout(() => {
      if (!isClosed) socket.send(response.bytes, peer.port, peer.address);
    }, delayMs);
  };
  socket.on("message", answer);
  socket.bind(0, host);
  await once(socket, "listening");
  const close = (): void => {
    isClosed = true;
    socket.close();
  };
  return { port: socket.address().port, received, close };
}

export const ack = (code: "CoA-ACK" | "Disconnect-ACK" = "CoA-ACK"): ResponseDraft => ({ code, attributes: [] });
export const nak = (errorCause: number, code: "CoA-NAK" | "Disconnect-NAK" = "CoA-NAK"): ResponseDraft => ({
  code,
  attributes: [writeErrorCause(errorCause)],
});
