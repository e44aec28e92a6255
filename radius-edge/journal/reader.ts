import { payloadOf, spansOf } from "./frame.ts";
import type { Span } from "./frame.ts";
import type { PositionFile } from "./position.ts";
import { readSegment } from "./segments.ts";
import type { Segment } from "./segments.ts";
import type { Spool } from "./spool.ts";

/** Reads a spool from its beginning, one segment in memory at a time. */
export interface Reader {
  /** The oldest payloads, at most `limit` and of one segment; empty when there is none left. */
  peek(limit: number): Promise<readonly string[]>;
  /** Goes past the oldest `count` of those that `peek` gave, durably; a segment that is read to its end is deleted. */
  forget(count: number): Promise<void>;
}

interface Page {
  readonly segment: Segment;
  readonly bytes: Buffer;
  /** Where `bytes` begins in the segment. */
  readonly offset: number;
  /** Those still ahead. */
  readonly spans: Span[];
}

/** `onDamaged` gets the octets that fail their checks, before the reader goes past them. */
export function createReader(
  spool: Spool,
  position: PositionFile,
  onDamaged: (octets: Buffer, file: string) => Promise<void>,
): Reader {
  let reached = position.initial;
  let page: Page | undefined;

  const moveTo = async (within: Page, end: number): Promise<void> => {
    reached = { segment: within.segment.number, offset: within.offset + end };
    await position.write(reached);
  };

  /** The page whose next span is the oldest record. */
  const turn = async (): Promise<Page | undefined> => {
    for (let { oldest } = spool; oldest !== undefined; { oldest } = spool) {
      if (page?.segment !== oldest)
        page = await readPage(oldest, reached.segment === oldest.number ? reached.offset : 0);
      const [next] = page.spans;
      if (next?.kind === "record") return page;
      if (next !== undefined) {
        await onDamaged(page.bytes.subarray(next.start, next.end), oldest.path);
        page.spans.shift();
        await moveTo(page, next.end);
      } else {
        const isAtEnd = page.offset + page.bytes.length >= oldest.size;
        page = undefined;
        if (isAtEnd) await spool.dropOldest();
      }
    }
    return undefined;
  };

  return {
    async peek(limit) {
      const current = await turn();
      if (current === undefined) return [];
      const end = current.spans.findIndex(({ kind }) => kind !== "record");
      const records = current.spans.slice(0, end === -1 ? limit : Math.min(end, limit));
      return records.map((span) => payloadOf(current.bytes, span));
    },
    async forget(count) {
      const last = page?.spans.splice(0, count).at(-1);
      if (page === undefined || last === undefined) return;
      await moveTo(page, last.end);
      await turn();
    },
  };
}

async function readPage(segment: Segment, offset: number): Promise<Page> {
  const bytes = await readSegment(segment, offset);
  return { segment, bytes, offset, spans: [...spansOf(bytes)] };
}
