import { randomInt } from "node:crypto";

/**
 * For the State of EAP: which process has the conversation. Of 16 bits the first twelve are those of a family, one start of an
 * edge with all its processes; then four of the process.
 */
export interface EdgePlace {
  /** 0 to 4095. */
  readonly family: number;
  /** Which of the processes, from 0. */
  readonly index: number;
}

export const MOST_PROCESSES = 16;
const FAMILIES = 4_096;

/** Told apart from the families of other starts and other edges, as far as twelve bits go. */
export const newFamily = (): number => randomInt(FAMILIES);

/** The process id at `place`; without one, of a process that has no siblings. */
export function processIdAt({ family, index }: EdgePlace = { family: newFamily(), index: 0 }): number {
  return family * MOST_PROCESSES + index;
}

/** The process of the family that made a State of this process id; `undefined`: another family did. */
export function siblingOf(processId: number, { family }: EdgePlace): number | undefined {
  return Math.floor(processId / MOST_PROCESSES) === family ? processId % MOST_PROCESSES : undefined;
}
