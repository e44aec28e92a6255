/** The process that makes load: plans come in over IPC, outcomes go out. It ends with its parent. */
import { writeFileSync } from "node:fs";
import type { GeneratorMessage, Plan } from "../load/plan.ts";
import { buildRequests } from "../load/requests.ts";
import { openSenders } from "../load/senders.ts";
import { createTally } from "../load/tally.ts";
import { runTraffic } from "../load/traffic.ts";

// proc_pid_timerslack_ns(5): else every wait, the metronome's too, ends 50 µs late. Threads inherit it.
writeFileSync("/proc/self/timerslack_ns", "1");
const requests = buildRequests();
const tell = (message: GeneratorMessage): void => void process.send?.(message);

process.on("disconnect", () => process.exit());
process.on("message", (plan: Plan) => void carryOut(plan));
tell({ kind: "ready" });

async function carryOut(plan: Plan): Promise<void> {
  const tally = createTally(plan.traffic.kind === "closed");
  const senders = await openSenders(plan, requests, tally);
  await runTraffic(plan, senders, tally, () => {
    tell({ kind: "measuring" });
    tally.begin();
  });
  await senders.close();
  tell({ kind: "done", outcome: tally.outcome() });
}
