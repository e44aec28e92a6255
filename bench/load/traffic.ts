import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { now } from "./clock.ts";
import type { Plan, TrafficPlan } from "./plan.ts";
import type { Senders } from "./senders.ts";
import type { Tally } from "./tally.ts";

const PATIENCE_MS = 2_000;

type Of<Kind extends TrafficPlan["kind"]> = TrafficPlan & { readonly kind: Kind };

/** Runs a plan to its end; `begin` is called when the measured part begins. */
export async function runTraffic(
  { traffic, patienceMs = PATIENCE_MS }: Plan,
  senders: Senders,
  tally: Tally,
  begin: () => void,
): Promise<void> {
  switch (traffic.kind) {
    case "closed":
      return closedLoop(traffic, senders, tally, begin);
    case "open":
      return openLoop(traffic, senders, tally, begin, patienceMs);
    case "burst":
    case "held":
      return bursts(traffic, senders, tally, begin);
  }
}

async function closedLoop(
  { window, warmUpMs, measuredMs }: Of<"closed">,
  senders: Senders,
  tally: Tally,
  begin: () => void,
): Promise<void> {
  let isOver = false;
  const fill = (): void => {
    while (!isOver && senders.bookings.unanswered < window) senders.send(now());
  };
  senders.onAnswer = fill;
  const patience = setInterval(() => {
    senders.bookings.giveUp(now() - PATIENCE_MS);
    fill();
  }, 250);
  fill();
  await sleep(warmUpMs);
  begin();
  await sleep(measuredMs);
  tally.end();
  isOver = true;
  clearInterval(patience);
  await settle(senders);
}

async function openLoop(
  { perSecond, warmUpMs, measuredMs }: Of<"open">,
  senders: Senders,
  tally: Tally,
  begin: () => void,
  patienceMs: number,
): Promise<void> {
  const metronome = new Worker(new URL("../programs/metronome.js", import.meta.url), { workerData: senders.lines });
  const ended = once(metronome, "exit");
  await once(metronome, "message"); // its sockets are bound
  const intended = poissonArrivals(perSecond, now(), warmUpMs + measuredMs);
  let booked = 0;
  const bookDue = (): void => {
    for (const at = now(); booked < intended.length && intended[booked]! <= at; booked++)
      senders.bookings.book(intended[booked]!);
  };
  senders.beforeAnswer = bookDue;
  const allSent: Promise<unknown[]> = once(metronome, "message");
  metronome.postMessage(intended);
  await sleep(warmUpMs);
  begin();
  const [sentAt] = (await allSent) as [Float64Array];
  tally.end();
  bookDue();
  sentAt.forEach((at, n) => tally.sent(intended[n]!, at));
  await settle(senders, patienceMs);
  await ended;
}

/** From `start` on, for so long: the gaps of Poisson arrivals are exponential. */
function poissonArrivals(perSecond: number, start: number, ms: number): Float64Array {
  const instants: number[] = [];
  for (let at = start; at < start + ms; at += (-Math.log(1 - Math.random()) * 1_000) / perSecond) instants.push(at);
  return Float64Array.from(instants);
}

async function bursts(
  traffic: Of<"burst"> | Of<"held">,
  senders: Senders,
  tally: Tally,
  begin: () => void,
): Promise<void> {
  begin();
  for (let round = 0; round < traffic.rounds; round++) {
    if (traffic.kind === "held") {
      process.kill(traffic.pid, "SIGSTOP");
      await sleep(5);
    }
    for (let i = 0; i < traffic.requests; i++) senders.send(now());
    if (traffic.kind === "held") process.kill(traffic.pid, "SIGCONT");
    await settle(senders);
  }
  tally.end();
}

/** Until all is answered, or no answer comes any more. */
async function settle(senders: Senders, patienceMs = PATIENCE_MS): Promise<void> {
  let lastAnswerAt = now();
  senders.onAnswer = () => void (lastAnswerAt = now());
  while (senders.bookings.unanswered > 0 && now() - lastAnswerAt < patienceMs) await sleep(2);
  senders.bookings.giveUp(Number.POSITIVE_INFINITY);
}
