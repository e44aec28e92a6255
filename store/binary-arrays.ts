/*
 * Arrays as Postgres' binary protocol has them (PostgreSQL source, arrayfuncs.c, array_recv): for the hot path, where reading
 * and writing them as text took a sixth of Postgres' work (measured). Node-postgres passes a Buffer on as it is.
 */
import { writeUuid } from "../domain/identifiers.ts";

/** https://www.postgresql.org/docs/current/catalog-pg-type.html: object ids that never change. */
const TYPE = { bytea: 17, timestamptz: 1184, uuid: 2950 } as const;

/** Dimensions, flags, type, elements, first index; then each element behind its length. */
const HEADER_OCTETS = 20;
const LENGTH_OCTETS = 4;

/** `uuid[]` of ids as text. */
export function uuidArray(ids: readonly string[]): Buffer {
  return arrayOf(TYPE.uuid, 16, ids, writeUuid);
}

/** `timestamptz[]` of whole epoch milliseconds. */
export function instantArray(instants: readonly number[]): Buffer {
  return arrayOf(TYPE.timestamptz, 8, instants, writeInstant);
}

/** `bytea[]` of SHA-256 hashes in hexadecimal. */
export function hashArray(hashes: readonly string[]): Buffer {
  return arrayOf(TYPE.bytea, 32, hashes, writeHash);
}

function arrayOf<Element>(
  type: number,
  octets: number,
  elements: readonly Element[],
  write: (element: Element, target: Buffer, offset: number) => void,
): Buffer {
  const array = Buffer.allocUnsafe(HEADER_OCTETS + elements.length * (LENGTH_OCTETS + octets));
  [1, 0, type, elements.length, 1].forEach((field, i) => array.writeInt32BE(field, 4 * i));
  let offset = HEADER_OCTETS;
  for (const element of elements) {
    offset = array.writeInt32BE(octets, offset);
    write(element, array, offset);
    offset += octets;
  }
  return array;
}

function writeHash(hash: string, target: Buffer, offset: number): void {
  if (target.write(hash, offset, "hex") !== 32) throw new TypeError("a SHA-256 hash has 64 hexadecimal digits");
}

/** Postgres counts microseconds from 2000-01-01 (PostgreSQL source, datatype/timestamp.h). */
const EPOCH_MS = Date.UTC(2000, 0, 1);

function writeInstant(epochMs: number, target: Buffer, offset: number): void {
  const micros = (epochMs - EPOCH_MS) * 1_000;
  target.writeInt32BE(Math.floor(micros / 2 ** 32), offset);
  target.writeUInt32BE(((micros % 2 ** 32) + 2 ** 32) % 2 ** 32, offset + 4);
}
