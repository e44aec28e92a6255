import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { eventOf, judgeOf } from "./answers.ts";
import { createBookings, type Bookings } from "./bookings.ts";
import { now } from "./clock.ts";
import type { Plan } from "./plan.ts";
import type { Requests } from "./requests.ts";
import { HOST, SOCKETS } from "./sequence.ts";
import type { Tally } from "./tally.ts";

/** Requests on their way over many sockets, as from many NASes behind one address. */
export interface Senders {
  /** Books the next request, and sends it. */
  send(intendedAt: number): void;
  /** What another thread sends over these lines is to be booked here. */
  readonly bookings: Bookings;
  readonly lines: Lines;
  /** Called before an answer is looked at: what it may answer must be booked. */
  beforeAnswer: () => void;
  /** Called after each answer. */
  onAnswer: () => void;
  close(): Promise<void>;
}

/** What another thread needs to send in our place. */
export interface Lines {
  readonly server: number;
  /** Of our sockets, which others may bind too; answers come to ours alone, for they are connected. */
  readonly ports: readonly number[];
  readonly octets: SharedArrayBuffer;
  readonly sentBefore: number;
}

const RECEIVE_BUFFER_OCTETS = 4 * 1_024 * 1_024;
const THOROUGH_ONE_IN = 16;

/** Fresh sockets for each trial. */
export async function openSenders(plan: Plan, { each, octets }: Requests, tally: Tally): Promise<Senders> {
  const { port: server, sentBefore = 0 } = plan;
  const judge = judgeOf(plan.expects);
  const bookings = createBookings(sentBefore, tally);
  let answers = 0;
  const hear = (socket: number, answer: Buffer): void => {
    senders.beforeAnswer();
    const booking = bookings.find(socket, answer[1] ?? 0);
    if (booking === undefined) return;
    const isThorough = ++answers % THOROUGH_ONE_IN === 0;
    if (!judge(answer, each[booking.client]!, isThorough)) {
      if (judge(answer, each[booking.clientBefore]!, isThorough)) return;
      tally.bad();
    }
    bookings.settle(booking);
    tally.answered(booking.intendedAt, now());
    if (plan.collectsEvents === true) tally.event(eventOf(answer));
    senders.onAnswer();
  };
  const byPort = await connectAll(server);
  const sockets = [...byPort.values()];
  sockets.forEach((socket, i) => socket.on("message", (answer) => hear(i, answer)));
  const senders: Senders = {
    bookings,
    lines: { server, ports: [...byPort.keys()], octets, sentBefore },
    beforeAnswer: () => undefined,
    onAnswer: () => undefined,
    send(intendedAt) {
      const { socket, client } = bookings.book(intendedAt);
      // A callback would cost each request a turn, and the error it would tell of counts as a loss.
      sockets[socket]!.send(each[client]!);
      tally.sent(intendedAt, now());
    },
    close: async () => void (await Promise.all(sockets.map((socket) => closed(socket)))),
  };
  return senders;
}

/** A server that is down refuses (ICMP): its requests count as lost. */
const ignore = (): void => undefined;

/** By their own ports, which differ: where sockets may share a port, the kernel may give two of them the same. */
async function connectAll(server: number): Promise<ReadonlyMap<number, Socket>> {
  const sockets = new Map<number, Socket>();
  while (sockets.size < SOCKETS) {
    const socket = await connectTo(server);
    const { port } = socket.address();
    if (sockets.has(port)) await closed(socket);
    else sockets.set(port, socket);
  }
  return sockets;
}

async function connectTo(server: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr: true, recvBufferSize: RECEIVE_BUFFER_OCTETS });
  socket.on("error", ignore);
  socket.bind(0, HOST);
  socket.connect(server, HOST);
  await once(socket, "connect");
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, "close");
}
