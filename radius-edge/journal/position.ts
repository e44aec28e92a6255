import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";

/** Up to where the journal is delivered: octets into a segment. */
interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** The position on the disk. */
export interface PositionFile {
  readonly initial: Position;
  write(position: Position): Promise<void>;
  close(): Promise<void>;
}

const START: Position = { segment: 0, offset: 0 };

/** One line that is written over itself: a torn one fails its checksum, and delivery begins again at the oldest segment. */
export async function openPosition(path: string): Promise<PositionFile> {
  const file = await open(path, "a+", 0o600);
  const initial = parse(await file.readFile("utf8"));
  await file.close();
  const writer = await open(path, "r+");
  return {
    initial,
    async write({ segment, offset }) {
      const numbers = `${digits(segment)} ${digits(offset)}`;
      await writer.write(`${numbers} ${crc32(numbers)}\n`.padEnd(48), 0);
      await writer.datasync();
    },
    close: () => writer.close(),
  };
}

function parse(text: string): Position {
  const [, numbers, segment, offset, checksum] = /^((\d{16}) (\d{16})) (\d+)\n/.exec(text) ?? [];
  if (numbers === undefined || crc32(numbers) !== Number(checksum)) return START;
  return { segment: Number(segment), offset: Number(offset) };
}

function digits(number: number): string {
  return String(number).padStart(16, "0");
}
