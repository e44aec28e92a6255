import { randomInt } from "node:crypto";

/**
 * For the State of EAP: which thread of which process has the conversation. Of 16 bits the first eight are those of a
 * family, one start of an edge with all its processes; then four of the process, and four of the thread.
 */
export interface EdgePlace {
  /** 0 to 255. */
  readonly family: number;
  /** Which of the processes, from 0. */
  readonly index: number;
}

export const MOST_PROCESSES = 16;
export const MOST_THREADS = 16;
const FAMILIES = 256;

/** Told apart from the families of other starts and other edges, as far as eight bits go. */
export const newFamily = (): number => randomInt(FAMILIES);

/** The process id of the first thread at `place`; without one, of a process that has no siblings. */
export function firstProcessId({ family, index }: EdgePlace = { family: newFamily(), index: 0 }): number {
  return (family * MOST_PROCESSES + index) * MOST_THREADS;
}

/** The process of the family that made a State of this process id; `undefined`: another family did. */
export function siblingOf(processId: number, { family }: EdgePlace): number | undefined {
  const process = Math.floor(processId / MOST_THREADS);
  return Math.floor(process / MOST_PROCESSES) === family ? process % MOST_PROCESSES : undefined;
}
