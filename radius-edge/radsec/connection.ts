import type { TLSSocket } from "node:tls";
import type { Nas } from "../../domain/nas.ts";
import type { Dispatch } from "../dispatch.ts";
import { createDuplicates } from "../duplicates.ts";
import { createRadsecCoa } from "./coa.ts";
import type { RadsecCoa } from "./coa.ts";
import type { RadsecEnd } from "./metrics.ts";
import { RADSEC_SECRET } from "./secret.ts";
import type { Entrance } from "../reception.ts";
import type { DropReason } from "../wire/drop-reason.ts";
import { verifyRequest } from "../wire/exchange.ts";
import { createPacketStream } from "../wire/stream.ts";

/** One TLS connection of one NAS, with as many clients behind it as it likes. */
export interface RadsecConnection {
  readonly coa: RadsecCoa;
  /** Sends what was answered, and ends; at once where the NAS does not read. */
  close(reason: RadsecEnd): void;
}

export interface RadsecConnectionOptions {
  readonly socket: TLSSocket;
  readonly dispatch: Dispatch;
  /** The NAS as it is registered now. */
  readonly nas: () => Nas | undefined;
  onEnd(reason: RadsecEnd): void;
}

/** RFC 6613 §2.6.1: a NAS has 256 identifiers for each connection. While all are in use nothing more is read. */
const MOST_IN_HAND = 256;
/** Octets that may wait for a NAS that does not read; beyond them it gets no CoA. */
const MOST_UNSENT_OCTETS = 1024 * 1024;
/** How long a NAS may take to read the last answers. */
const LINGER_MS = 1_000;

/** RFC 6613 §2.6.4: after these no further octet of the connection can be trusted. */
const FATAL: Readonly<Partial<Record<DropReason, RadsecEnd>>> = {
  "attribute-overrun": "packet",
  "message-authenticator-malformed": "packet",
  "message-authenticator-repeated": "packet",
  "message-authenticator-wrong": "packet",
  "request-authenticator-wrong": "packet",
  // It was registered when it came, and is no longer.
  "unknown-nas": "unknown-nas",
};

/** Reads requests and CoA answers from one socket, and answers each as soon as its answer is there. */
export function openRadsecConnection(options: RadsecConnectionOptions): RadsecConnection {
  const { socket, dispatch } = options;
  const remote = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  const stream = createPacketStream();
  let inHand = 0;
  let end: RadsecEnd | undefined;
  const entrance = entranceOf(options);
  const coa = createRadsecCoa((bytes) => {
    if (end !== undefined || socket.writableLength > MOST_UNSENT_OCTETS) return false;
    socket.write(bytes);
    return true;
  });
  const close = (reason: RadsecEnd): void => {
    if (end !== undefined) return;
    end = reason;
    socket.end();
    socket.resume(); // to see it close too
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
  const isFull = (): boolean => inHand >= MOST_IN_HAND || socket.writableNeedDrain;
  const serve = async (packet: Buffer): Promise<void> => {
    inHand++;
    const answer = await dispatch.answer(entrance, packet, remote);
    inHand--;
    if (end === undefined && Buffer.isBuffer(answer)) socket.write(answer);
    const fatal = Buffer.isBuffer(answer) ? undefined : FATAL[answer.reason];
    if (fatal !== undefined) close(fatal);
    read();
  };
  const read = (): void => {
    while (end === undefined && !isFull()) {
      const packet = stream.next();
      if (packet === "fault") return close("framing");
      if (packet === undefined) return void socket.resume();
      const taken = coa.take(packet);
      if (taken === "forged") return close("packet");
      if (taken === "no") void serve(packet);
    }
    socket.pause();
  };
  socket.on("data", (chunk: Buffer) => {
    if (end !== undefined) return;
    stream.push(chunk);
    read();
  });
  socket.on("drain", read);
  socket.on("close", () => {
    end ??= "peer";
    coa.end(end);
    options.onEnd(end);
  });
  return { coa, close };
}

function entranceOf({ nas }: RadsecConnectionOptions): Entrance {
  return {
    duplicates: createDuplicates(),
    serves: "both",
    nasOf: nas,
    verify(packet, { requireMessageAuthenticator }) {
      // Nobody between us and the NAS can forge here (CVE-2024-3596): only what was asked for is demanded.
      const rule = requireMessageAuthenticator === "yes" ? "required" : "optional";
      const verified = verifyRequest(packet, RADSEC_SECRET, rule);
      return verified.kind === "drop" ? verified : RADSEC_SECRET;
    },
  };
}
