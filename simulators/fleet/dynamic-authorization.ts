import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { parseMac } from "../../domain/mac-address.ts";
import type { Secret } from "../../domain/secret.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import { writeErrorCause } from "../../radius-edge/wire/attribute-writers.ts";
import { ERROR_CAUSE } from "../../radius-edge/wire/error-cause.ts";
import { buildResponse, verifyRequest } from "../../radius-edge/wire/exchange.ts";
import { decodePacket, type Packet } from "../../radius-edge/wire/packet.ts";
import type { NasIdentity, NasSession } from "./session.ts";

/** What a NAS does when it is told to; RFC 5176 calls this end the dynamic authorization server. */
export interface DynamicAuthorizationPort {
  readonly port: number;
  close(): void;
}

export interface DynamicAuthorizationOptions extends NasIdentity {
  readonly secret: Secret;
  /** 0 takes a free port. */
  readonly port: number;
  sessions(): Iterable<NasSession>;
  /** Called after the ACK has left. */
  reauthenticate(session: NasSession): void;
  disconnect(session: NasSession): void;
}

/** RFC 5176 §6.3: older or younger requests are replays, or from a clock that is wrong. */
const WINDOW_MS = 5 * MINUTE_MS;
/** Answers kept for retransmissions. */
const REMEMBERED = 64;

/** Listens for CoA and Disconnect. A request without the secret is met with silence. Rejects when the port is taken. */
export async function openDynamicAuthorization(
  options: DynamicAuthorizationOptions,
): Promise<DynamicAuthorizationPort> {
  const { secret, address, port } = options;
  const answers = new Map<string, Buffer>();
  const socket: Socket = createSocket("udp4");
  socket.bind(port, address);
  await once(socket, "listening");
  socket.on("error", () => undefined); // a peer that is gone again
  socket.on("message", (datagram, peer) => {
    const decoded = decodePacket(datagram);
    if (decoded.kind === "drop" || verifyRequest(decoded.packet, secret, "if-present").kind !== "authentic") return;
    const reply = (bytes: Buffer): void => socket.send(bytes, peer.port, peer.address, () => undefined);
    const key = `${peer.address} ${peer.port} ${datagram.toString("hex", 0, 20)}`;
    const earlier = answers.get(key);
    if (earlier !== undefined) return reply(earlier);
    const outcome = obey(decoded.packet, options);
    if (outcome === undefined) return;
    const bytes = answerOf(outcome, decoded.packet, secret);
    answers.set(key, bytes);
    if (answers.size > REMEMBERED) answers.delete(answers.keys().next().value!);
    reply(bytes);
    if (outcome.kind === "ack") outcome.act();
  });
  return { port: socket.address().port, close: () => socket.close() };
}

type Outcome = { readonly kind: "ack"; readonly act: () => void } | { readonly kind: "nak"; readonly cause: number };

/** `undefined`: silence, for a request that is stale, or none that a NAS is sent. */
function obey(request: Packet, options: DynamicAuthorizationOptions): Outcome | undefined {
  const isCoa = request.code === "CoA-Request";
  if (!isCoa && request.code !== "Disconnect-Request") return undefined;
  const sentAt = read.readEventTimestampMs(request);
  if (sentAt !== undefined && Math.abs(Date.now() - sentAt) > WINDOW_MS) return undefined;
  if (!isForUs(request, options)) return nak(ERROR_CAUSE.nasIdentificationMismatch);
  if (isCoa && !read.readCiscoAvPairs(request).includes("subscriber:command=reauthenticate"))
    return nak(ERROR_CAUSE.unsupportedService);
  const session = findSession(request, options.sessions());
  if (session === undefined) return nak(ERROR_CAUSE.sessionContextNotFound);
  return { kind: "ack", act: () => (isCoa ? options.reauthenticate(session) : options.disconnect(session)) };
}

function nak(cause: number): Outcome {
  return { kind: "nak", cause };
}

function isForUs(request: Packet, { address, nasIdentifier }: NasIdentity): boolean {
  const isNamed = (given: string | undefined, own: string): boolean => given === undefined || given === own;
  return isNamed(read.readNasIpAddress(request), address) && isNamed(read.readNasIdentifier(request), nasIdentifier);
}

/** RFC 5176 §3: a session matches when every attribute that identifies one does; at least one must be there. */
function findSession(request: Packet, sessions: Iterable<NasSession>): NasSession | undefined {
  const calling = read.readCallingStationId(request);
  const wanted = {
    audit: read.readAuditSessionId(request),
    acct: read.readAcctSessionId(request),
    mac: calling === undefined ? undefined : parseMac(calling),
  };
  if (wanted.audit === undefined && wanted.acct === undefined && calling === undefined) return undefined;
  return [...sessions].find(
    (session) =>
      (wanted.audit === undefined || wanted.audit === session.auditSessionId) &&
      (wanted.acct === undefined || wanted.acct === session.acctSessionId) &&
      (calling === undefined || wanted.mac === session.client.mac),
  );
}

function answerOf(outcome: Outcome, request: Packet, secret: Secret): Buffer {
  const verb = request.code === "CoA-Request" ? "CoA" : "Disconnect";
  const draft =
    outcome.kind === "ack"
      ? { code: `${verb}-ACK` as const, attributes: [] }
      : { code: `${verb}-NAK` as const, attributes: [writeErrorCause(outcome.cause)] };
  const encoded = buildResponse(draft, request, secret);
  if (encoded.kind === "refused") throw new RangeError(encoded.sentence);
  return encoded.bytes;
}
