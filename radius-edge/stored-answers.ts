/**
 * Answers that may have to be sent again, one in each row. Copied into a few large stretches of memory: thousands of small
 * buffers a second, each kept for half a minute, were a tenth of the edge's work, all of it the garbage collector's (measured).
 */
export interface StoredAnswers {
  /** In place of the row's answer before. */
  write(row: number, answer: Buffer): void;
  /** A copy of the answer in a row that was written. */
  read(row: number): Buffer;
}

const FIRST_ROWS = 64;
/** As long as a packet can be (RFC 2865 §3): the first stretch is for a peer that asks once. */
const FIRST_OCTETS = 4_096;
const MOST_OCTETS = 256 * 1_024;
/** Answers of one kind differ by a few octets: the next one of a row is to find room where the last one was. */
const ROUNDED_TO = 32;

export function createStoredAnswers(): StoredAnswers {
  const stretches: Buffer[] = [];
  let used = 0;
  let stretchOf = new Uint16Array(FIRST_ROWS);
  let startOf = new Uint32Array(FIRST_ROWS);
  let roomOf = new Uint16Array(FIRST_ROWS);
  let lengthOf = new Uint16Array(FIRST_ROWS);

  const grow = (rows: number): void => {
    stretchOf = grown(stretchOf, new Uint16Array(rows));
    startOf = grown(startOf, new Uint32Array(rows));
    roomOf = grown(roomOf, new Uint16Array(rows));
    lengthOf = grown(lengthOf, new Uint16Array(rows));
  };
  const giveRoom = (row: number, octets: number): void => {
    const room = Math.ceil(octets / ROUNDED_TO) * ROUNDED_TO;
    const last = stretches.at(-1);
    if (last === undefined || used + room > last.length) {
      const next = last === undefined ? FIRST_OCTETS : Math.min(MOST_OCTETS, last.length * 2);
      stretches.push(Buffer.allocUnsafeSlow(Math.max(next, room)));
      used = 0;
    }
    stretchOf[row] = stretches.length - 1;
    startOf[row] = used;
    roomOf[row] = room;
    used += room;
  };
  return {
    write(row, answer) {
      if (row >= roomOf.length) grow(Math.max(row + 1, roomOf.length * 2));
      if (roomOf[row]! < answer.length) giveRoom(row, answer.length);
      stretches[stretchOf[row]!]!.set(answer, startOf[row]);
      lengthOf[row] = answer.length;
    },
    read(row) {
      const start = startOf[row]!;
      return Buffer.from(stretches[stretchOf[row]!]!.subarray(start, start + lengthOf[row]!));
    },
  };
}

/** The same column with more rows. */
export function grown<Column extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  column: Column,
  longer: Column,
): Column {
  longer.set(column);
  return longer;
}
