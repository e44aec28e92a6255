import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseId } from "../domain/identifiers.ts";
import type { EdgeId } from "../domain/identifiers.ts";
import type { Config } from "../runtime/config.ts";
import type { Log } from "../runtime/log.ts";
import { newId } from "./authentication-record.ts";
import { replaceFile } from "./durable-file.ts";

const WRITTEN_WITHIN_MS = 500;

/**
 * This edge's id, for ever: sessions name it. From PORTCULLIS_EDGE_ID, else made once in the state folder; each of several
 * processes has its own, the first the one that it would have alone. Throws an error that names the file and the way out.
 */
export async function loadEdgeId(
  { id: configured, index }: Config["edge"],
  stateFolder: string,
  log: Pick<Log, "warn">,
): Promise<EdgeId> {
  if (configured !== undefined) return configured;
  const file = join(stateFolder, index === 0 ? "edge-id" : `edge-id-${index}`);
  const text = await readOrMake(file, stateFolder, log).catch((cause: unknown) => {
    throw new Error(`${file}, the id of this edge, cannot be read or written: mend that, or set PORTCULLIS_EDGE_ID`, {
      cause,
    });
  });
  const id = parseId<EdgeId>(text);
  if (id === undefined) throw new Error(`${file} holds no UUID: delete it, and a new id is made`);
  return id;
}

async function readOrMake(file: string, stateFolder: string, log: Pick<Log, "warn">): Promise<string> {
  await mkdir(stateFolder, { recursive: true, mode: 0o711 });
  const made = `${newId<EdgeId>(Date.now())}\n`;
  // The first writer wins; a second start reads what it wrote.
  await writeFile(file, made, { flag: "wx", mode: 0o600, flush: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  const read = async (): Promise<string> => (await readFile(file, "utf8")).trim();
  let text = await read();
  if (text !== "") return text;
  // Another start may be about to write it.
  await sleep(WRITTEN_WITHIN_MS);
  text = await read();
  if (text !== "") return text;
  // A full disk or a power failure came between its making and its writing, so that no session can name it yet.
  await replaceFile(file, [Buffer.from(made)]);
  log.warn({ file }, "the file of the edge's id was empty: a new id was made");
  return read();
}

/** Tells this process from another that was started under the same id. */
export function newNonce(): string {
  return newId<EdgeId>(Date.now());
}
