import { rm } from "node:fs/promises";
import { beginSegment } from "./segments.ts";
import type { Segment, Writer } from "./segments.ts";

/** The segments on the disk: octets go in at the end, and whole segments leave at the beginning. */
export interface Spool {
  readonly oldest: Segment | undefined;
  /** Octets of all segments. */
  readonly bytes: number;
  /** Resolves when the octets are on the disk. Rejects when none of them counts. */
  append(octets: Uint8Array): Promise<void>;
  dropOldest(): Promise<void>;
  close(): Promise<void>;
}

export function openSpool(options: {
  readonly folder: string;
  /** Left by an earlier process, oldest first; nothing is appended to them. */
  readonly segments: Segment[];
  /** A number that was used already. */
  readonly lastNumber: number;
  /** Size at which a segment is followed by the next. */
  readonly segmentBytes: number;
}): Spool {
  const { folder, segments, segmentBytes } = options;
  let lastNumber = Math.max(options.lastNumber, segments.at(-1)?.number ?? 0);
  let bytes = segments.reduce((sum, { size }) => sum + size, 0);
  let writer: Writer | undefined;

  const endSegment = async (): Promise<void> => {
    const ended = writer;
    writer = undefined;
    await ended?.close();
  };
  const drop = async (segment: Segment): Promise<void> => {
    segments.splice(segments.indexOf(segment), 1);
    bytes -= segment.size;
    await rm(segment.path, { force: true });
  };

  return {
    get oldest() {
      return segments[0];
    },
    get bytes() {
      return bytes;
    },
    async append(octets) {
      if (writer !== undefined && writer.segment.size >= segmentBytes) await endSegment();
      if (writer === undefined) {
        writer = await beginSegment(folder, ++lastNumber);
        segments.push(writer.segment);
      }
      const { segment } = writer;
      try {
        await writer.append(octets);
      } catch (error) {
        await endSegment();
        if (segment.size === 0) await drop(segment);
        throw error;
      }
      bytes += octets.length;
    },
    async dropOldest() {
      const [oldest] = segments;
      if (oldest === undefined) return;
      if (oldest === writer?.segment) await endSegment();
      await drop(oldest);
    },
    close: endSegment,
  };
}
