import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { EdgeRecord } from "../domain/record.ts";
import { createAside } from "./journal/aside.ts";
import { encodeFrame } from "./journal/frame.ts";
import { openPosition } from "./journal/position.ts";
import { createReader } from "./journal/reader.ts";
import { findSegments } from "./journal/segments.ts";
import { openSpool } from "./journal/spool.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** The journal holds as much as it may. */
export class JournalFullError extends Error {
  override readonly name = "JournalFullError";
}

/** Records that Postgres has not taken yet, in files: appended and synced before the answer leaves. */
export interface Journal {
  /** Resolves when the records are on the disk; rejects, with JournalFullError among others, when none of them is. */
  append(records: readonly EdgeRecord[]): Promise<void>;
  /** The oldest records, at most `limit`; empty when all are delivered. */
  oldest(limit: number): Promise<readonly EdgeRecord[]>;
  /** Forgets the oldest `count` of those that `oldest` gave: they are delivered. */
  delivered(count: number): Promise<void>;
  /** Puts the oldest record aside, as one that Postgres refuses for ever, so that those behind it get through. */
  refuse(reason: string): Promise<void>;
  /** Records that wait. */
  readonly length: number;
  /** Octets on the disk: of the records that wait, and of delivered ones in the same segment. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** Something that was not delivered. */
export type JournalFault =
  /** The end of a segment was cut short by a crash, before its answer left. */
  | { readonly kind: "torn"; readonly octets: number; readonly file: string }
  /** Octets failed their checks; they are in the file `quarantine`, unless that is full. */
  | { readonly kind: "damaged"; readonly octets: number; readonly file: string; readonly isKept: boolean }
  /** Postgres refused a record; it is in the file `refused.jsonl`, unless that is full. */
  | { readonly kind: "refused"; readonly eventId: string; readonly reason: string; readonly isKept: boolean };

export interface JournalOptions {
  /** The journal's own; made where it is missing. */
  readonly folder: string;
  /** Of all segments together; the same again for each of the two files of what was put aside. */
  readonly maxBytes: number;
  /** About what delivery holds in memory. */
  readonly segmentBytes?: number;
  readonly onFault: (fault: JournalFault) => void;
}

const SEGMENT_BYTES = 4 * 1024 * 1024;

/**
 * Opens the journal, and with it what an earlier process left. How far it is delivered is on the disk too; a crash between
 * a delivery and that note delivers one batch again, which changes nothing (its event ids are known).
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { maxBytes, onFault } = options;
  const { position, spool, reader, refused, found } = await openParts(options);
  const inTurn = oneAtATime();
  let length = found;
  let isClosed = false;

  const append = async (records: readonly EdgeRecord[]): Promise<void> => {
    if (isClosed) throw new Error("the journal is closed");
    const frames = Buffer.concat(records.map((record) => encodeFrame(JSON.stringify(record))));
    if (spool.bytes + frames.length > maxBytes) {
      throw new JournalFullError(`the journal holds ${spool.bytes} bytes, and may hold ${maxBytes}`);
    }
    await spool.append(frames);
    length += records.length;
  };
  const oldest = async (limit: number): Promise<readonly EdgeRecord[]> => {
    const payloads = await reader.peek(limit);
    // What was damaged since it was counted is not waited for.
    if (payloads.length === 0) length = 0;
    return payloads.map((payload) => JSON.parse(payload) as EdgeRecord);
  };
  const delivered = async (count: number): Promise<void> => {
    await reader.forget(count);
    length = Math.max(0, length - count);
  };
  const refuse = async (reason: string): Promise<void> => {
    const [record] = await oldest(1);
    if (record === undefined) return;
    const line = JSON.stringify({ refusedAt: new Date().toISOString(), reason, record });
    const isKept = await refused.keep(Buffer.from(`${line}\n`));
    onFault({ kind: "refused", eventId: record.event.id, reason, isKept });
    await delivered(1);
  };

  return {
    append: (records) => inTurn(() => append(records)),
    oldest: (limit) => inTurn(() => oldest(limit)),
    delivered: (count) => inTurn(() => delivered(count)),
    refuse: (reason) => inTurn(() => refuse(reason)),
    get length() {
      return length;
    },
    get bytes() {
      return spool.bytes;
    },
    close: () =>
      inTurn(async () => {
        if (isClosed) return;
        isClosed = true;
        await spool.close();
        await position.close();
      }),
  };
}

/** The files behind a journal; `found` is the number of records that they hold. */
async function openParts({ folder, maxBytes, segmentBytes = SEGMENT_BYTES, onFault }: JournalOptions) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const position = await openPosition(join(folder, "position"));
  const found = await findSegments(folder, position.initial);
  for (const { segment, tornOctets } of found) {
    if (tornOctets > 0) onFault({ kind: "torn", octets: tornOctets, file: segment.path });
  }
  const segments = found.map(({ segment }) => segment);
  const spool = openSpool({ folder, segments, lastNumber: position.initial.segment, segmentBytes });
  const quarantine = createAside(join(folder, "quarantine"), maxBytes);
  const refused = createAside(join(folder, "refused.jsonl"), maxBytes);
  const reader = createReader(spool, position, async (octets, file) => {
    onFault({ kind: "damaged", octets: octets.length, file, isKept: await quarantine.keep(octets) });
  });
  return { position, spool, reader, refused, found: found.reduce((sum, { records }) => sum + records, 0) };
}
