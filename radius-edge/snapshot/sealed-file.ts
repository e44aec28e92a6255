import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { replaceFile } from "../durable-file.ts";

/** Why a sealed file is not read. */
export type SealedFileFault =
  | "missing"
  /** The system does not let it be read; the cause says why. */
  | "unreadable"
  /** Of another kind or version. */
  | "unknownFormat"
  /** Sealed with a master key that this process does not have. */
  | "wrongKey"
  /** Changed, cut short or put together of several. */
  | "damaged";

export class SealedFileError extends Error {
  override readonly name = "SealedFileError";
  readonly fault: SealedFileFault;
  constructor(fault: SealedFileFault, path: string, cause?: unknown) {
    super(`${path}: ${SENTENCES[fault]}`, { cause });
    this.fault = fault;
  }
}

const SENTENCES: Readonly<Record<SealedFileFault, string>> = {
  missing: "there is no such file",
  unreadable: "it cannot be read",
  unknownFormat: "it is of another version",
  wrongKey: "it was sealed with a master key that this process does not have",
  damaged: "it is damaged",
};

/**
 * Format, 16 octets of salt, 16 that tell whether a key is the right one; then chunks, each with its length before it,
 * encrypted by AES-256-GCM under a key of this file's own. Nonces count the chunks and mark the last (the STREAM
 * construction of Hoang, Reyhanitabar, Rogaway and Vizár), so that none can be left out, moved or cut off.
 */
const SALT = 16;
const CHECK = 16;
const TAG = 16;
const CIPHER = "aes-256-gcm";

/** Replaces the file whole. `format` has eight octets. */
export async function writeSealed(
  path: string,
  format: string,
  key: Uint8Array,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  await replaceFile(path, seal(format, key, chunks));
}

function* seal(format: string, key: Uint8Array, chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const salt = randomBytes(SALT);
  const { fileKey, check } = keysOf(key, salt);
  yield Buffer.concat([Buffer.from(format, "latin1"), salt, check]);
  const iterator = chunks[Symbol.iterator]();
  let next = iterator.next();
  for (let count = 0; next.done !== true; count++) {
    const chunk = next.value;
    next = iterator.next();
    const cipher = createCipheriv(CIPHER, fileKey, nonce(count, next.done === true));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(chunk.length);
    yield Buffer.concat([head, cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }
}

/** The chunks of a file, opened by whichever key it was sealed with. Throws SealedFileError. */
export async function* readSealed(
  path: string,
  format: string,
  keys: readonly Uint8Array[],
): AsyncGenerator<Buffer<ArrayBuffer>> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new SealedFileError("missing", path) : error;
  });
  const fail = (fault: SealedFileFault): never => {
    throw new SealedFileError(fault, path);
  };
  try {
    const { size } = await file.stat();
    const head = (await read(file, format.length + SALT + CHECK)) ?? fail("unknownFormat");
    if (head.toString("latin1", 0, format.length) !== format) fail("unknownFormat");
    const salt = head.subarray(format.length, format.length + SALT);
    const candidates = keys.map((key) => keysOf(key, salt));
    const found = candidates.find(({ check }) => timingSafeEqual(check, head.subarray(-CHECK))) ?? fail("wrongKey");
    for (let count = 0, at = head.length; count === 0 || at < size; count++) {
      const length = (await read(file, 4))?.readUInt32LE() ?? fail("damaged");
      at += 4 + length + TAG;
      if (at > size) fail("damaged");
      const sealed = (await read(file, length + TAG)) ?? fail("damaged");
      yield openChunk(sealed, found.fileKey, nonce(count, at === size)) ?? fail("damaged");
    }
  } finally {
    await file.close();
  }
}

function openChunk(sealed: Buffer, key: Uint8Array, iv: Uint8Array): Buffer<ArrayBuffer> | undefined {
  const decipher = createDecipheriv(CIPHER, key, iv);
  decipher.setAuthTag(sealed.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** So many octets, or `undefined` where the file ends before. */
async function read(file: FileHandle, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length);
  return bytesRead === length ? bytes : undefined;
}

function keysOf(key: Uint8Array, salt: Uint8Array): { readonly fileKey: Buffer; readonly check: Buffer } {
  const derived = Buffer.from(hkdfSync("sha256", key, salt, "portcullis sealed file", 32 + CHECK));
  return { fileKey: derived.subarray(0, 32), check: derived.subarray(32) };
}

function nonce(count: number, isLast: boolean): Uint8Array {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(count, 7);
  iv[11] = isLast ? 1 : 0;
  return iv;
}
