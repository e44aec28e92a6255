import { open, stat } from "node:fs/promises";

/** A file of what cannot be delivered, kept for people to look at. */
export interface Aside {
  /** Resolves once it is on the disk; false when the file is full, and this was not kept. */
  keep(bytes: Uint8Array): Promise<boolean>;
}

/** What comes without end must not fill the disk: the file ends at `maxBytes`. */
export function createAside(path: string, maxBytes: number): Aside {
  return {
    async keep(bytes) {
      const size = await stat(path).then(
        (stats) => stats.size,
        () => 0,
      );
      if (size + bytes.length > maxBytes) return false;
      const file = await open(path, "a", 0o600);
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      return true;
    },
  };
}
