import { once } from "node:events";
import { connect } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import { secret } from "../../../domain/secret.ts";
import { buildRequest, newRequestAuthenticator, verifyResponse } from "../../../radius-edge/wire/exchange.ts";
import type { Attribute, Packet } from "../../../radius-edge/wire/packet.ts";
import { createPacketStream } from "../../../radius-edge/wire/stream.ts";
import type { CertifiedKey } from "../../../simulators/certificates.ts";
import type { Answered } from "../../../simulators/fleet/radius-client.ts";

/** RFC 6614 §2.3. */
export const RADSEC = secret("radsec");

/** A NAS's end of one RadSec connection. */
export interface RadsecNas {
  /** Rejects when the connection ends first. */
  ask(code: AskedCode, attributes?: readonly Attribute[], shared?: typeof RADSEC): Promise<Answered>;
  write(octets: Buffer): void;
  /** Requests of the edge's own, in order. */
  readonly asked: readonly Buffer[];
  /** Hears of each request of the edge's own; what it returns goes back. */
  onAsked(answer: (request: Buffer) => Buffer | undefined): void;
  pause(): void;
  resume(): void;
  /** Resolves when the connection is over. */
  readonly ended: Promise<void>;
  close(): void;
}

type AskedCode = "Access-Request" | "Accounting-Request" | "Status-Server";

/** Connects; rejects when TLS does not come about. */
export async function openRadsecNas(
  address: string,
  certified: CertifiedKey | undefined,
  caPem: string,
  options: ConnectionOptions = {},
): Promise<RadsecNas> {
  const [host, port] = address.split(":");
  const socket = connect({
    host: host!,
    port: Number(port),
    ca: caPem,
    servername: "radius.acme.example",
    ...(certified && { cert: certified.certificatePem, key: certified.keyPem }),
    ...options,
  });
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "secureConnect");
  const waiting = new Map<number, { request: Buffer; settle: (packet: Packet) => void }>();
  const stream = createPacketStream();
  const asked: Buffer[] = [];
  let respond: (request: Buffer) => Buffer | undefined = () => undefined;
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    stream.push(chunk);
    for (let packet = stream.next(); packet !== undefined && packet !== "fault"; packet = stream.next()) {
      if (packet[0] === 40 || packet[0] === 43) {
        asked.push(packet);
        const answer = respond(packet);
        if (answer !== undefined) socket.write(answer);
        continue;
      }
      const found = waiting.get(packet[1]!);
      if (found === undefined) continue;
      const verified = verifyResponse(packet, found.request, RADSEC);
      if (verified.kind === "packet") found.settle(verified.packet);
    }
  });
  let last = -1;
  return {
    ask(code, attributes = [], shared = RADSEC) {
      do last = (last + 1) % 256;
      while (waiting.has(last));
      const identifier = last;
      const authenticator = newRequestAuthenticator();
      const draft =
        code === "Accounting-Request"
          ? { code, identifier, attributes }
          : { code, identifier, authenticator, attributes };
      const encoded = buildRequest(draft, shared);
      if (encoded.kind === "refused") throw new Error(encoded.sentence);
      return new Promise((resolve, reject) => {
        void ended.then(() => reject(new Error("the connection has ended")));
        const settle = (packet: Packet): void => {
          waiting.delete(identifier);
          resolve({ packet, requestAuthenticator: authenticator });
        };
        waiting.set(identifier, { request: encoded.bytes, settle });
        socket.write(encoded.bytes);
      });
    },
    write: (octets) => void socket.write(octets),
    asked,
    onAsked: (answer) => {
      respond = answer;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    ended,
    close: () => void socket.destroy(),
  };
}
