import { once } from "node:events";
import { join } from "node:path";
import { spawnOn } from "../machine/cores.ts";
import type { EapOutcome, EapPlan } from "./plan.ts";

/** The process of the supplicants. */
export interface EapClient {
  readonly pid: number;
  run(plan: EapPlan): Promise<EapOutcome>;
  close(): Promise<void>;
}

export async function startEapClient(): Promise<EapClient> {
  const main = join(import.meta.dirname, "../programs/eap-client.js");
  const child = spawnOn("all", [process.execPath, main], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const orEnded = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([
      work,
      ended.then(() => {
        throw new Error("the EAP client ended");
      }),
    ]);
  await orEnded(once(child, "message"));
  return {
    pid: child.pid!,
    async run(plan) {
      const answered = once(child, "message");
      child.send(plan);
      const [outcome] = (await orEnded(answered)) as [EapOutcome];
      return outcome;
    },
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
