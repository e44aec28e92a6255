import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { parseId } from "../../domain/identifiers.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { OrganizationChanges } from "../../store/edge-snapshot.ts";
import type { OrganizationView } from "../organization-view.ts";
import { ENTRY_WORDS, REASONS, STATUSES } from "./packed-verdict.ts";
import { readSealed, SealedFileError, writeSealed } from "./sealed-file.ts";
import { fromSealedJson, toSealedJson } from "./sealed-json.ts";
import { createVerdictTable } from "./verdict-table.ts";
import type { VerdictTable } from "./verdict-table.ts";

/** What an edge keeps on its disk of the organizations it holds, to answer by when it starts while Postgres is away. */
export interface DiskSnapshot {
  /** All that can be read; the rest goes to `onRefused`, be it one file or the folder. */
  load(onRefused: (error: SealedFileError) => void): Promise<readonly StoredOrganization[]>;
  /** Replaces what is kept of the organization. `syncedAt`: epoch milliseconds at which it was as Postgres had it. */
  save(view: OrganizationView, syncedAt: number): Promise<void>;
  /** What is kept is still as Postgres has it. */
  confirm(id: OrganizationId, syncedAt: number): Promise<void>;
  remove(id: OrganizationId): Promise<void>;
}

interface StoredOrganization {
  readonly changes: OrganizationChanges;
  readonly verdicts: VerdictTable;
  readonly syncedAt: number;
}

/** Eight octets; the last two grow with each change of what is in the file. */
const FORMAT = "pcsnap04";

/** The first chunk; the verdicts' words follow, as they are in memory (little-endian wherever Node runs). */
interface Head {
  readonly changes: OrganizationChanges;
  readonly entries: number;
  /** What the codes in the words stand for. */
  readonly codes: string;
}

const CODES = JSON.stringify([STATUSES, REASONS, ENTRY_WORDS]);

/** One file for each organization in `folder`, sealed with the first of `keys` and opened by any. */
export function openDiskSnapshot(folder: string, keys: readonly [Uint8Array, ...Uint8Array[]]): DiskSnapshot {
  const pathOf = (id: OrganizationId): string => join(folder, `${id}.snapshot`);
  const mark = async (id: OrganizationId, syncedAt: number): Promise<void> => {
    // The time of the file says until when its content was right: that changes far more often than the content.
    await utimes(pathOf(id), syncedAt / 1_000, syncedAt / 1_000);
  };
  return {
    async load(onRefused) {
      const loaded: StoredOrganization[] = [];
      const names = await namesIn(folder).catch((error: unknown) => {
        onRefused(asFault(folder, error));
        return [];
      });
      for (const name of names) {
        const id = parseId<OrganizationId>(/^(.*)\.snapshot$/.exec(name)?.[1] ?? "");
        if (id === undefined) continue;
        try {
          loaded.push(await loadOne(pathOf(id), id, keys));
        } catch (error) {
          onRefused(asFault(pathOf(id), error));
        }
      }
      return loaded;
    },
    async save(view, syncedAt) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeSealed(pathOf(view.organizationId), FORMAT, keys[0], chunksOf(view));
      await mark(view.organizationId, syncedAt);
    },
    confirm: mark,
    remove: (id) => rm(pathOf(id), { force: true }),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return readdir(folder);
}

/** What the disk refuses is as good as not there, since Postgres has it too; what else goes wrong is thrown. */
function asFault(path: string, error: unknown): SealedFileError {
  if (error instanceof SealedFileError) return error;
  if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  return new SealedFileError("unreadable", path, error);
}

/** Blocks are taken while the table goes on changing: each verdict in them is as old as the revision, or newer. */
function* chunksOf(view: OrganizationView): Generator<Uint8Array> {
  const { organizationId, revision, nases, unopenedNases, people, revocation, settings, verdicts } = view;
  const configuration = { policy: view.policy.policy, settings, nases, unopenedNases };
  const changes: OrganizationChanges = { organizationId, revision, configuration, people, revocation };
  const { size: entries, blocks } = verdicts;
  yield Buffer.from(toSealedJson({ changes, entries, codes: CODES } satisfies Head));
  let words = entries * ENTRY_WORDS;
  for (let index = 0; index < blocks; index++) {
    const block = verdicts.block(index).subarray(0, words);
    words -= block.length;
    yield new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
  }
}

async function loadOne(path: string, id: OrganizationId, keys: readonly Uint8Array[]): Promise<StoredOrganization> {
  let verdicts = createVerdictTable();
  const { mtimeMs: syncedAt } = await stat(path);
  let head: Head | undefined;
  for await (const chunk of readSealed(path, FORMAT, keys)) {
    if (head === undefined) {
      head = fromSealedJson(chunk.toString()) as Head;
      if (head.codes !== CODES) throw new SealedFileError("unknownFormat", path);
      if (head.changes.organizationId !== id) throw new SealedFileError("damaged", path);
      verdicts = createVerdictTable(head.entries);
    } else verdicts.addBlock(new Uint32Array(new Uint8Array(chunk).buffer));
  }
  if (head === undefined || verdicts.size !== head.entries) throw new SealedFileError("damaged", path);
  return { changes: head.changes, verdicts, syncedAt };
}
