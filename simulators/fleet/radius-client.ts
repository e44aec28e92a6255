import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { writeAcctDelaySeconds } from "../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, newRequestAuthenticator, verifyResponse } from "../../radius-edge/wire/exchange.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";

/** A server's answer, and the authenticator of the request, with which its keys are hidden. */
export interface Answered {
  readonly packet: Packet;
  readonly requestAuthenticator: Buffer;
}

/** The asking end of RADIUS (RFC 2865 §2), as a NAS has it. */
export interface RadiusClient {
  /** `undefined` when the server (`host:port`) said nothing that is believable, after all retransmissions. */
  ask(server: string, code: AskedCode, attributes: readonly Attribute[]): Promise<Answered | undefined>;
  close(): void;
}

type AskedCode = "Access-Request" | "Accounting-Request" | "Status-Server";

export interface RadiusClientOptions {
  /** Where requests come from. */
  readonly address: string;
  readonly secret: Secret;
  /** RFC 5080 §2.2.1 has 2 s; each wait doubles. */
  readonly firstRetryMs?: number;
}

/** 2, 4, 8 and 16 s with the usual first wait: half a minute, as NASes have it. */
const SENDS = 4;
const IDENTIFIERS = 256;

interface Pending {
  readonly request: Buffer;
  readonly settle: (packet: Packet | undefined) => void;
}

/** Opens a socket on a free port of `address`. Rejects when there is no such address. */
export async function openRadiusClient(options: RadiusClientOptions): Promise<RadiusClient> {
  const { address, secret, firstRetryMs = 2 * SECOND_MS } = options;
  const pending = new Map<number, Pending>();
  let next = 0;
  const socket = createSocket("udp4");
  socket.bind(0, address);
  await once(socket, "listening");
  socket.on("error", () => undefined); // an unreachable server is one that does not answer
  socket.on("message", (datagram) => {
    const waiting = pending.get(datagram[1] ?? -1);
    if (waiting === undefined) return;
    const verified = verifyResponse(datagram, waiting.request, secret);
    if (verified.kind === "packet") waiting.settle(verified.packet);
  });

  function freeIdentifier(): number {
    for (let tried = 0; tried < IDENTIFIERS; tried++) {
      next = (next + 1) % IDENTIFIERS;
      if (!pending.has(next)) return next;
    }
    throw new RangeError(`${IDENTIFIERS} requests are unanswered`);
  }

  /** Sends copies until one is answered; `copy` makes each, of how many seconds have passed since the first. */
  function transmit(server: string, copy: (delaySeconds: number) => Buffer): Promise<Answered | undefined> {
    const [host, port] = server.split(":");
    const startedAt = performance.now();
    const used = new Set<number>();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (answered: Answered | undefined): void => {
        clearTimeout(timer);
        for (const identifier of used) pending.delete(identifier);
        resolve(answered);
      };
      const send = (sent: number, waitMs: number): void => {
        if (sent === SENDS) return settle(undefined);
        const request = copy(Math.floor((performance.now() - startedAt) / SECOND_MS));
        const identifier = request[1]!;
        used.add(identifier);
        const requestAuthenticator = request.subarray(4, 20);
        pending.set(identifier, { request, settle: (packet) => settle(packet && { packet, requestAuthenticator }) });
        socket.send(request, Number(port), host, () => undefined);
        timer = setTimeout(() => send(sent + 1, 2 * waitMs), waitMs);
      };
      send(0, firstRetryMs);
    });
  }

  return {
    async ask(server, code, attributes) {
      const first = encode(code, freeIdentifier(), attributes, secret);
      return transmit(server, (delaySeconds) => {
        // RFC 2866 §5.2: a copy that says how late it is, is another request under another identifier.
        const saysSo = code === "Accounting-Request" && delaySeconds > 0 && pending.size < IDENTIFIERS;
        if (!saysSo) return first;
        return encode(code, freeIdentifier(), [...attributes, writeAcctDelaySeconds(delaySeconds)], secret);
      });
    },
    close() {
      for (const { settle } of pending.values()) settle(undefined);
      socket.close();
    },
  };
}

function encode(code: AskedCode, identifier: number, attributes: readonly Attribute[], secret: Secret): Buffer {
  const common = { identifier, attributes };
  const draft =
    code === "Accounting-Request" ? { code, ...common } : { code, authenticator: newRequestAuthenticator(), ...common };
  const encoded = buildRequest(draft, secret);
  if (encoded.kind === "refused") throw new RangeError(encoded.sentence);
  return encoded.bytes;
}
