import { mkdir, open, readdir, readFile, rm, truncate } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../durable-file.ts";
import { spansOf } from "./frame.ts";

/** One file of the journal. It only grows, until it is deleted whole. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Octets that are durable; there may be more in the file while an append is under way. */
  size: number;
}

export interface FoundSegment {
  readonly segment: Segment;
  /** Whole records from the position on. */
  readonly records: number;
  /** Octets of a last record that was cut short by a crash. */
  readonly tornOctets: number;
}

const NAME = /^(\d{12})\.segment$/;

function segmentAt(folder: string, number: number): Segment {
  return { number, path: join(folder, `${String(number).padStart(12, "0")}.segment`), size: 0 };
}

/**
 * The segments that an earlier process left, oldest first. A torn end is cut off: its answer never left. What lies before
 * `from` is delivered and not counted.
 */
export async function findSegments(
  folder: string,
  from: { readonly segment: number; readonly offset: number },
): Promise<readonly FoundSegment[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const numbers = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  const found: FoundSegment[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const segment = segmentAt(folder, number);
    if (number < from.segment) await rm(segment.path);
    else found.push(await inspect(segment, number === from.segment ? from.offset : 0));
  }
  return found;
}

async function inspect(segment: Segment, offset: number): Promise<FoundSegment> {
  const bytes = await readFile(segment.path);
  const spans = spansOf(bytes.subarray(offset));
  const last = spans.at(-1);
  const tornOctets = last?.kind === "torn" ? last.end - last.start : 0;
  segment.size = bytes.length - tornOctets;
  if (tornOctets > 0) await truncate(segment.path, segment.size);
  return { segment, records: spans.filter(({ kind }) => kind === "record").length, tornOctets };
}

/** The durable octets of a segment from `offset` on. */
export async function readSegment({ path, size }: Segment, offset: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, size - offset));
  const file = await open(path, "r");
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The end of the journal, where records are appended. */
export interface Writer {
  readonly segment: Segment;
  /** Resolves when the octets are on the disk. After a failure the writer is of no more use. */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Begins a segment, whose name is durable before anything is in it. */
export async function beginSegment(folder: string, number: number): Promise<Writer> {
  const segment = segmentAt(folder, number);
  const file: FileHandle = await open(segment.path, "ax", 0o600);
  await syncFolder(folder).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  return {
    segment,
    async append(bytes) {
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        // Half a record (the disk is full), or one whose answer will not leave.
        await file.truncate(segment.size).catch(() => undefined);
        throw error;
      }
      segment.size += bytes.length;
    },
    close: () => file.close(),
  };
}
