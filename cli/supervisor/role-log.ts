import { copyFileSync, statSync, truncateSync } from "node:fs";
import { MINUTE_MS } from "../../domain/time.ts";

const LARGEST_OCTETS = 20 * 1024 * 1024;

/**
 * Moves what a log holds to `<file>.1`, over what was there, once it is large. The process that writes it keeps its file,
 * opened for appending, and goes on at the new end; what it writes between copy and truncation is lost.
 */
export function rollLog(file: string, largestOctets = LARGEST_OCTETS): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= largestOctets) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** Looks after a log until `ended` settles. A disk without room for the copy is tried again. */
export function keepLogSmall(file: string, ended: Promise<unknown>, say: (line: string) => void): void {
  const timer = setInterval(() => {
    try {
      rollLog(file);
    } catch (error) {
      say(`${file} cannot be rolled: ${error instanceof Error ? error.message : String(error)}`);
    }
  }, MINUTE_MS).unref();
  void ended.finally(() => clearInterval(timer));
}
