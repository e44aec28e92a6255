import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY_MS } from "../../domain/time.ts";
import { createAuthority, type CertifiedKey } from "../../simulators/certificates.ts";
import { FLEET, NEWCOMER } from "./cast.ts";

/** What a second start must find again: the world's certificates, secrets and simulator ports. */
export interface Keepsakes {
  /** Epoch milliseconds. */
  readonly madeAt: number;
  readonly caPem: string;
  readonly server: CertifiedKey;
  /** By MAC address of the fleet's clients. */
  readonly clients: Readonly<Record<string, CertifiedKey>>;
  readonly newcomer: CertifiedKey;
  readonly mdmSecret: string;
  readonly fleetSecret: string;
  readonly newcomerSecret: string;
  /** 0 until they are known. */
  readonly ports: { readonly vmware: number; readonly jamf: number };
}

/** Certificates are issued for a year (simulators/certificates.ts): they are made anew well before. */
const USEFUL_MS = 300 * DAY_MS;

export function sandboxFolder(stateFolder: string): string {
  const folder = join(stateFolder, "sandbox");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Those of an earlier start, or new ones. */
export async function loadKeepsakes(folder: string): Promise<Keepsakes> {
  const found = readKeepsakes(folder);
  if (found !== undefined && Date.now() - found.madeAt < USEFUL_MS) return found;
  const made = await makeKeepsakes();
  writePrivate(join(folder, "keepsakes.json"), JSON.stringify(made));
  return made;
}

export function saveKeepsakes(folder: string, keepsakes: Keepsakes): void {
  writePrivate(join(folder, "keepsakes.json"), JSON.stringify(keepsakes));
}

function readKeepsakes(folder: string): Keepsakes | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "keepsakes.json"), "utf8")) as Keepsakes;
  } catch {
    return undefined; // none yet, or not whole: new ones do as well
  }
}

/** Whole or not at all, and for nobody else's eyes. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function makeKeepsakes(): Promise<Keepsakes> {
  const authority = await createAuthority("Portcullis Sandbox CA");
  const certified = FLEET.filter(({ proof }) => proof !== "mac");
  const clients = await Promise.all(
    certified.map(async ({ name, mac, proof, device }) => {
      const names = proof === "device id" ? { sanDns: [device?.udid ?? ""] } : {};
      return [mac, await authority.issue({ commonName: name, ...names })] as const;
    }),
  );
  const { device } = NEWCOMER;
  const aSecret = (): string => randomBytes(18).toString("hex");
  return {
    madeAt: Date.now(),
    caPem: authority.certificatePem,
    server: await authority.issue({ commonName: "radius.sandbox.example", eku: "server" }),
    clients: Object.fromEntries(clients),
    newcomer: await authority.issue({ commonName: device.name, sanDns: [device.udid] }),
    mdmSecret: aSecret(),
    fleetSecret: aSecret(),
    newcomerSecret: aSecret(),
    ports: { vmware: 0, jamf: 0 },
  };
}
