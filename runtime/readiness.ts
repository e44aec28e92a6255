import { setTimeout as sleep } from "node:timers/promises";

/** A sentence that says which server a process waits for; `undefined` when that one answers. */
export type Lack = () => Promise<string | undefined>;

/** Whether a process can do its work. Its parts say what they depend on while they start. */
export interface Readiness {
  dependsOn(lack: Lack): void;
  /** What is lacking, the first of it; `undefined` when nothing is. */
  readonly lack: Lack;
}

export function createReadiness(): Readiness {
  const lacks: Lack[] = [];
  return {
    dependsOn: (lack) => void lacks.push(lack),
    lack: async () => (await Promise.all(lacks.map((lack) => lack()))).find((sentence) => sentence !== undefined),
  };
}

const ASK_AGAIN_MS = 200;

/** Resolves when nothing is lacking, or when `stop` aborts. */
export async function whenReady({ lack }: Pick<Readiness, "lack">, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && (await lack()) !== undefined) {
    await sleep(ASK_AGAIN_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}
