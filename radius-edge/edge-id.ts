import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseId } from "../domain/identifiers.ts";
import type { EdgeId } from "../domain/identifiers.ts";
import type { Config } from "../runtime/config.ts";
import { newId } from "./authentication-record.ts";

/**
 * This edge's id, for ever: sessions name it. From PORTCULLIS_EDGE_ID, else made once in the state folder; each of several
 * processes has its own, the first the one that it would have alone.
 */
export async function loadEdgeId({ id: configured, index }: Config["edge"], stateFolder: string): Promise<EdgeId> {
  if (configured !== undefined) return configured;
  const file = join(stateFolder, index === 0 ? "edge-id" : `edge-id-${index}`);
  await mkdir(stateFolder, { recursive: true, mode: 0o711 });
  // The first writer wins; a second start reads what it wrote.
  await writeFile(file, `${newId<EdgeId>(Date.now())}\n`, { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  const id = parseId<EdgeId>((await readFile(file, "utf8")).trim());
  if (id === undefined) throw new Error(`${file} holds no UUID: delete it, and a new id is made`);
  return id;
}

/** Tells this process from another that was started under the same id. */
export function newNonce(): string {
  return newId<EdgeId>(Date.now());
}
