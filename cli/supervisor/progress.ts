import type { WriteStream } from "node:tty";
import { SECOND_MS } from "../../domain/time.ts";

/** Tells a person at a terminal what happens, one line for each step; a log file gets the finished lines alone. */
export interface Progress {
  /** Shows `title` while `work` runs, and how it ended. */
  readonly step: <T>(title: string, work: () => Promise<T>) => Promise<T>;
  /** A line between, or within, steps. */
  readonly say: (line: string) => void;
}

type Output = Pick<WriteStream, "write"> & { readonly isTTY?: boolean };

const CLEAR_LINE = "\r\u001B[K"; // ECMA-48 §8.3.41, erase in line

export function createProgress(output: Output): Progress {
  let pending: string | undefined;
  const draw = (): void => {
    if (output.isTTY === true && pending !== undefined) output.write(`  … ${pending}`);
  };
  const line = (text: string): void => void output.write(`${output.isTTY === true ? CLEAR_LINE : ""}${text}\n`);
  return {
    say: (text) => {
      line(text);
      draw();
    },
    step: async (title, work) => {
      const startedMs = performance.now();
      pending = title;
      draw();
      try {
        const result = await work();
        line(`  ✓ ${title} (${((performance.now() - startedMs) / SECOND_MS).toFixed(1)} s)`);
        return result;
      } catch (error) {
        line(`  ✗ ${title}`);
        throw error;
      } finally {
        pending = undefined;
      }
    },
  };
}
