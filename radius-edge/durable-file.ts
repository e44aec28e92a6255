import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes the entries of a folder durable: a file that was synced can still be missing from it after a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file: a reader, and the next start after any crash, finds the old content or the new one, whole. */
export async function replaceFile(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const aside = `${path}.new`;
  try {
    const handle = await open(aside, "w", 0o600);
    try {
      for (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
