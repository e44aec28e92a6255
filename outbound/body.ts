import type { Readable } from "node:stream";

/** The stream's octets; `undefined`, and the stream destroyed, as soon as it exceeds `maxBytes`. */
export async function readOctets(stream: Readable, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined; // leaving the loop destroys the stream, and with it the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
