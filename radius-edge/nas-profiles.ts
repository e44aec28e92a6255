import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CoaStep } from "../domain/coa.ts";
import { parseAttributeText } from "./wire/attribute-text.ts";
import type { Attribute } from "./wire/packet.ts";
import type { DynamicAuthorizationCode } from "./wire/packet-code.ts";

/** What names a session in a CoA- or Disconnect-Request, RFC 5176 §3. */
const SESSION_IDENTIFIERS = [
  "user-name",
  "acct-session-id",
  "calling-station-id",
  "audit-session-id",
  "nas-ip-address",
  "nas-identifier",
  "nas-port",
  "nas-port-id",
] as const;
export type SessionIdentifier = (typeof SESSION_IDENTIFIERS)[number];

/** How one kind of NAS takes its CoA: data, one file each in profiles/, with the vendor's document as source. */
export interface NasProfile {
  readonly name: string;
  readonly title: string;
  /** As rules match it; `null` where the profile does not tell. */
  readonly vendor: string | null;
  readonly coaPort: number;
  readonly minimumFirmware: string | null;
  /** What must be switched on at the NAS. */
  readonly switchOn: string;
  readonly source: string;
  /** Steps that the NAS takes; one that is absent is skipped, not tried. */
  readonly steps: Readonly<Partial<Record<CoaStep, CoaTemplate>>>;
}

export interface CoaTemplate {
  readonly code: DynamicAuthorizationCode;
  /** Those of them that the session has are sent. */
  readonly identify: readonly SessionIdentifier[];
  readonly attributes: readonly Attribute[];
}

/** Profiles by name. Throws on a file that is no profile: they ship with the product. */
export function loadNasProfiles(folder = join(import.meta.dirname, "profiles")): ReadonlyMap<string, NasProfile> {
  const profiles = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => parseProfile(file, JSON.parse(readFileSync(join(folder, file), "utf8")) as RawProfile));
  return new Map(profiles.map((profile) => [profile.name, profile]));
}

interface RawTemplate {
  readonly code: DynamicAuthorizationCode;
  readonly identify: readonly SessionIdentifier[];
  readonly attributes: readonly string[];
}

type RawProfile = Omit<NasProfile, "steps"> & { readonly steps: Readonly<Partial<Record<CoaStep, RawTemplate>>> };

function parseProfile(file: string, raw: RawProfile): NasProfile {
  if (`${raw.name}.json` !== file) throw new Error(`NAS profile ${file} calls itself "${raw.name}"`);
  const steps = Object.entries(raw.steps).map(([step, template]) => [step, parseTemplate(file, template)]);
  return { ...raw, steps: Object.fromEntries(steps) as NasProfile["steps"] };
}

function parseTemplate(file: string, template: RawTemplate): CoaTemplate {
  const unknown = template.identify.find((name) => !SESSION_IDENTIFIERS.includes(name));
  if (unknown !== undefined) throw new Error(`NAS profile ${file}: "${unknown}" names no session`);
  const attributes = template.attributes.map((text) => {
    const parsed = parseAttributeText(text);
    if (parsed.kind === "refused") throw new Error(`NAS profile ${file}: ${parsed.sentence}`);
    return parsed.attribute;
  });
  return { ...template, attributes };
}
