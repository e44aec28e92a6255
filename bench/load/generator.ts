import { once } from "node:events";
import { join } from "node:path";
import { moveTo, spawnOn, type Cores } from "../machine/cores.ts";
import type { GeneratorMessage, Outcome, Plan } from "./plan.ts";

/** The load generator, in a process of its own. */
export interface Generator {
  readonly pid: number;
  moveTo(cores: Cores): void;
  /** `onMeasuring` is called when the measured part begins. */
  run(plan: Plan, onMeasuring?: () => void): Promise<Outcome>;
  close(): Promise<void>;
}

/** Starts it; it signs its requests first, which takes some seconds. */
export async function startGenerator(): Promise<Generator> {
  const main = join(import.meta.dirname, "../programs/generator.js");
  const child = spawnOn("all", [process.execPath, main], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  await Promise.race([
    once(child, "message"),
    ended.then(() => {
      throw new Error("the load generator ended");
    }),
  ]);
  const pid = child.pid!;
  return {
    pid,
    moveTo: (cores) => moveTo(cores, pid),
    run: (plan, onMeasuring = () => undefined) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error("the load generator ended"));
        const hear = (message: GeneratorMessage): void => {
          if (message.kind === "measuring") onMeasuring();
          if (message.kind !== "done") return;
          child.off("message", hear).off("exit", fail);
          resolve(message.outcome);
        };
        child.on("message", hear).on("exit", fail);
        child.send(plan);
      }),
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
