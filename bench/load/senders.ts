import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { eventOf, judgeOf } from "./answers.ts";
import type { Plan } from "./plan.ts";
import type { Tally } from "./tally.ts";

/** Requests on their way over many sockets, as from many NASes behind one address. */
export interface Senders {
  /** Sends the next request, which was to leave at `intendedAt`. */
  send(intendedAt: number): void;
  readonly unanswered: number;
  /** Called after each answer. */
  onAnswer: () => void;
  /** Gives up what was to leave before `before`. */
  giveUp(before: number): void;
  close(): Promise<void>;
}

/** 32 × 256 identifiers; 391 rows of requests and 32 sockets have no common factor. */
const SOCKETS = 32;
const IDENTIFIERS = 256;
const RECEIVE_BUFFER_OCTETS = 4 * 1_024 * 1_024;
const THOROUGH_ONE_IN = 16;

/**
 * Fresh sockets for each trial. A request comes back over the same socket only after all requests have gone over all
 * others, so that no server takes one for a retransmission: that would measure its cache of duplicates.
 */
export async function openSenders(plan: Plan, requests: readonly Buffer[], tally: Tally): Promise<Senders> {
  const judge = judgeOf(plan.expects);
  /** By socket and identifier: when the request was to leave (0: none is unanswered), and which it is. */
  const intended = new Float64Array(SOCKETS * IDENTIFIERS);
  const requestIn = new Int32Array(SOCKETS * IDENTIFIERS);
  /** The one before it, whose answer may come yet after it was given up. */
  const requestBefore = new Int32Array(SOCKETS * IDENTIFIERS);
  let sequence = plan.sentBefore ?? 0;
  let unanswered = 0;
  let answers = 0;
  const hear = (socket: number, answer: Buffer): void => {
    const slot = socket * IDENTIFIERS + (answer[1] ?? 0);
    const intendedAt = intended[slot]!;
    if (intendedAt === 0) return; // given up already
    const isThorough = ++answers % THOROUGH_ONE_IN === 0;
    if (!judge(answer, requests[requestIn[slot]!]!, isThorough)) {
      if (judge(answer, requests[requestBefore[slot]!]!, isThorough)) return;
      tally.bad();
    }
    intended[slot] = 0;
    unanswered--;
    tally.answered(intendedAt, performance.now());
    if (plan.collectsEvents === true) tally.event(eventOf(answer));
    senders.onAnswer();
  };
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => connectTo(plan.port)));
  sockets.forEach((socket, i) => socket.on("message", (answer) => hear(i, answer)));
  const senders: Senders = {
    onAnswer: () => undefined,
    get unanswered() {
      return unanswered;
    },
    send(intendedAt) {
      const index = sequence % requests.length;
      const socket = Math.floor(sequence / IDENTIFIERS) % SOCKETS;
      const slot = socket * IDENTIFIERS + (index % IDENTIFIERS);
      sequence++;
      if (intended[slot] === 0) unanswered++;
      else tally.lost(intended[slot]!);
      intended[slot] = intendedAt;
      requestBefore[slot] = requestIn[slot]!;
      requestIn[slot] = index;
      // A callback would cost each request a turn, and the error it would tell of counts as a loss.
      sockets[socket]!.send(requests[index]!);
      tally.sent(intendedAt, performance.now());
    },
    giveUp(before) {
      for (let slot = 0; slot < intended.length; slot++) {
        const intendedAt = intended[slot]!;
        if (intendedAt === 0 || intendedAt >= before) continue;
        intended[slot] = 0;
        unanswered--;
        tally.lost(intendedAt);
      }
    },
    close: async () => void (await Promise.all(sockets.map((socket) => closed(socket)))),
  };
  return senders;
}

/** A server that is down refuses (ICMP): its requests count as lost. */
const ignore = (): void => undefined;

async function connectTo(port: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BUFFER_OCTETS });
  socket.on("error", ignore);
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, "close");
}
