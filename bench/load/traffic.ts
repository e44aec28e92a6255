import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
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
    while (!isOver && senders.unanswered < window) senders.send(performance.now());
  };
  senders.onAnswer = fill;
  const patience = setInterval(() => {
    senders.giveUp(performance.now() - PATIENCE_MS);
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
  const offset = sharedClockOffset();
  const metronome = new Worker(new URL("../programs/metronome.js", import.meta.url), {
    workerData: { perSecond, ms: warmUpMs + measuredMs },
  });
  metronome.on("message", (at: number) => senders.send(at - offset));
  await sleep(warmUpMs);
  begin();
  await once(metronome, "exit");
  tally.end();
  await settle(senders, patienceMs);
}

/**
 * What the clock that threads share is ahead of `performance.now()`, milliseconds. Of many readings the one that took the
 * shortest time: on a busy machine anything may happen between two clocks.
 */
function sharedClockOffset(): number {
  let best = { tookMs: Number.POSITIVE_INFINITY, offset: 0 };
  for (let i = 0; i < 200; i++) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint()) / 1e6;
    const tookMs = performance.now() - before;
    if (tookMs < best.tookMs) best = { tookMs, offset: shared - before - tookMs / 2 };
  }
  return best.offset;
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
    for (let i = 0; i < traffic.requests; i++) senders.send(performance.now());
    if (traffic.kind === "held") process.kill(traffic.pid, "SIGCONT");
    await settle(senders);
  }
  tally.end();
}

/** Until all is answered, or no answer comes any more. */
async function settle(senders: Senders, patienceMs = PATIENCE_MS): Promise<void> {
  let lastAnswerAt = performance.now();
  senders.onAnswer = () => void (lastAnswerAt = performance.now());
  while (senders.unanswered > 0 && performance.now() - lastAnswerAt < patienceMs) await sleep(2);
  senders.giveUp(Number.POSITIVE_INFINITY);
}
