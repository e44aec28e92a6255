import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseId } from "../domain/identifiers.ts";
import type { EdgeId } from "../domain/identifiers.ts";
import { newId } from "./authentication-record.ts";

const FILE = "edge-id";

/** This edge's id, for ever: sessions name it. From PORTCULLIS_EDGE_ID, else made once in the state folder. */
export async function loadEdgeId(configured: EdgeId | undefined, stateFolder: string): Promise<EdgeId> {
  if (configured !== undefined) return configured;
  const file = join(stateFolder, FILE);
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

/** For the State of EAP: which of several processes on one port has the conversation. */
export function newProcessId(): number {
  return randomBytes(2).readUInt16BE();
}
