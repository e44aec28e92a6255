import { once } from "node:events";
import { join } from "node:path";
import { moveTo, schedule, spawnOn, type Cores, type Policy } from "../machine/cores.ts";
import type { GeneratorMessage, Outcome, Plan } from "./plan.ts";

/** The load generator, in a process of its own. */
export interface Generator {
  readonly pid: number;
  moveTo(cores: Cores): void;
  schedule(policy: Policy): void;
  /** Carries a plan out. */
  run(plan: Plan): Promise<Outcome>;
  /** The same, for who must know when the measured part begins. */
  begin(plan: Plan): { readonly measuring: Promise<void>; readonly done: Promise<Outcome> };
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
  const hears = <Kind extends GeneratorMessage["kind"]>(kind: Kind): Promise<GeneratorMessage & { kind: Kind }> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error("the load generator ended"));
      const hear = (message: GeneratorMessage): void => {
        if (message.kind !== kind) return;
        child.off("message", hear).off("exit", fail);
        resolve(message as GeneratorMessage & { kind: Kind });
      };
      child.on("message", hear).on("exit", fail);
    });
  const begin: Generator["begin"] = (plan) => {
    const measuring = hears("measuring").then(() => undefined);
    measuring.catch(() => undefined); // who waits only for the end hears of it there
    const done = hears("done").then(({ outcome }) => outcome);
    child.send(plan);
    return { measuring, done };
  };
  return {
    pid,
    moveTo: (cores) => moveTo(cores, pid),
    schedule: (policy) => schedule(policy, pid),
    run: (plan) => begin(plan).done,
    begin,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
