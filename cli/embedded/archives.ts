import { gunzipSync, inflateRawSync } from "node:zlib";

/**
 * The content of the one file in a zip archive (a Python wheel, say) whose path ends in `suffix`.
 * Offsets as in PKWARE's APPNOTE.TXT 6.3.10: §4.3.16 end record, §4.3.12 central directory, §4.3.7 local header. Archives
 * past 4 GiB (zip64) are refused.
 */
export function fileFromZip(archive: Buffer, suffix: string): Buffer {
  const END_SIGNATURE = 0x06054b50;
  const end = archive.lastIndexOf(littleEndian(END_SIGNATURE));
  if (end < 0) throw new Error("not a zip archive: it has no end record");
  const entries = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < entries; entry++) {
    const nameLength = archive.readUInt16LE(at + 28);
    const extrasLength = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    if (name.endsWith(suffix)) return unpackZipEntry(archive, at);
    at += 46 + nameLength + extrasLength;
  }
  throw new Error(`the zip archive holds no ${suffix}`);
}

function unpackZipEntry(archive: Buffer, at: number): Buffer {
  const STORED = 0;
  const DEFLATED = 8;
  const method = archive.readUInt16LE(at + 10);
  const packedSize = archive.readUInt32LE(at + 20);
  const size = archive.readUInt32LE(at + 24);
  const header = archive.readUInt32LE(at + 42);
  // The local header's own name and extra field may differ in length from the directory's.
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const packed = archive.subarray(start, start + packedSize);
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`the zip archive uses compression method ${method}`);
  return inflateRawSync(packed, { maxOutputLength: size });
}

/** The content of the file `path` in a gzipped tar archive (POSIX ustar: 512-byte headers, name at 0, octal size at 124). */
export function fileFromTarGz(archive: Buffer, path: string): Buffer {
  const BLOCK = 512;
  const tar = gunzipSync(archive);
  for (let at = 0; at + BLOCK <= tar.length;) {
    const name = text(tar, at, 100);
    const size = Number.parseInt(text(tar, at + 124, 12) || "0", 8);
    if (name === path || name === `./${path}`) return tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`the tar archive holds no ${path}`);
}

/** A field of a tar header: text up to the first NUL. */
function text(tar: Buffer, at: number, length: number): string {
  return tar
    .toString("latin1", at, at + length)
    .split("\0")[0]!
    .trim();
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
