import { hkdfSync, randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "./log.ts";

/** The installation's keys. The current one seals and signs; every one opens and verifies, so that keys can be rotated. */
export interface MasterKeys {
  readonly current: MasterKey;
  /** Current first. */
  readonly all: readonly MasterKey[];
}

export interface MasterKey {
  readonly kid: string;
  /** 32 octets. */
  readonly key: Uint8Array;
}

/** Why there is no usable master key. The message never contains key material. */
export class MasterKeyError extends Error {
  override readonly name = "MasterKeyError";
}

const KEY_OCTETS = 32;
const FILE = "master-key";

/**
 * Keys from PORTCULLIS_MASTER_KEYS where given, else from a 0600 file in the state folder, made on first use. Several
 * processes may start at once on an empty folder: all end up with the same key.
 */
export async function loadMasterKeys(source: {
  readonly masterKeys: Secret | undefined;
  readonly stateFolder: string;
}): Promise<MasterKeys> {
  if (source.masterKeys !== undefined) return parseMasterKeys(reveal(source.masterKeys), "PORTCULLIS_MASTER_KEYS");
  const file = join(source.stateFolder, FILE);
  await makeKeyFile(source.stateFolder, file);
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new MasterKeyError(`${file} can be read by other users (mode ${(mode & 0o777).toString(8)}): chmod 600 it`);
  }
  return parseMasterKeys((await readFile(file, "utf8")).trim(), file);
}

/** Written aside and linked into place: a reader sees a whole key or none, and the first of several writers wins. */
async function makeKeyFile(folder: string, file: string): Promise<void> {
  if ((await stat(file).catch(() => undefined)) !== undefined) return;
  await mkdir(folder, { recursive: true });
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  const kid = `k${new Date().toISOString().slice(0, 10).replaceAll("-", "")}`;
  await writeFile(aside, `${kid}:${randomBytes(KEY_OCTETS).toString("base64")}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  await chmod(aside, 0o600);
  try {
    await link(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** `kid:base64,kid:base64`, the current key first. `origin` names the source in the error. */
export function parseMasterKeys(text: string, origin: string): MasterKeys {
  const all = text.split(",").map((entry, index): MasterKey => {
    const match = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/_-]+=*)$/.exec(entry.trim());
    const key = match === null ? undefined : Buffer.from(match[2]!, "base64");
    if (match === null || key?.length !== KEY_OCTETS) {
      throw new MasterKeyError(
        `${origin}: entry ${index + 1} is not kid:key with a key of ${KEY_OCTETS} bytes in base64`,
      );
    }
    return { kid: match[1]!, key };
  });
  const repeated = all.find(({ kid }, index) => all.findIndex((other) => other.kid === kid) !== index);
  if (repeated !== undefined) throw new MasterKeyError(`${origin}: key id "${repeated.kid}" appears twice`);
  return { current: all[0]!, all };
}

/**
 * Throws MasterKeyError when what the database's canary (store/canary.ts) says is that `kid` is another key than its
 * secrets were sealed with. A database that does not answer is asked again at the next start; the log says so.
 */
export function requireRightKey(
  canary:
    | { readonly kind: "ok" | "wrongKey" }
    | { readonly kind: "lostKey"; readonly kids: readonly string[] }
    | { readonly kind: "unchecked"; readonly cause: unknown },
  kid: string,
  log: Pick<Log, "warn">,
): void {
  if (canary.kind === "unchecked")
    log.warn({ err: canary.cause }, "Postgres does not answer: the master key is not checked");
  if (canary.kind === "lostKey") {
    const lost = canary.kids.map((each) => `"${each}"`).join(", ");
    throw new MasterKeyError(
      `master key "${kid}" is new to this database, whose secrets were sealed with ${lost}: ` +
        "put that key behind it in PORTCULLIS_MASTER_KEYS, or restore its file",
    );
  }
  if (canary.kind !== "wrongKey") return;
  throw new MasterKeyError(`master key "${kid}" is not the one that this database's secrets were sealed with`);
}

/** A 32-octet key for one purpose out of the current master key (HKDF, RFC 5869). */
export function deriveKey(keys: MasterKeys, purpose: string): Uint8Array {
  return derive(keys.current, purpose);
}

/** The same out of every master key, current first: for verifying what an earlier key signed. */
export function deriveKeys(keys: MasterKeys, purpose: string): readonly Uint8Array[] {
  return keys.all.map((key) => derive(key, purpose));
}

function derive({ key }: MasterKey, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), `portcullis ${purpose}`, KEY_OCTETS));
}
