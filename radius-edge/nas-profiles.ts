import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CoaStep } from "../domain/coa.ts";
import { AUTOMATIC_PROFILE } from "../domain/nas-profile.ts";
import type { NasProfileFacts } from "../domain/nas-profile.ts";
import { parseAttributeText } from "./wire/attribute-text.ts";
import type { Attribute, Packet } from "./wire/packet.ts";
import type { DynamicAuthorizationCode } from "./wire/packet-code.ts";
import { readVendors } from "./wire/vendor-attribute.ts";

/**
 * What names a session in a CoA- or Disconnect-Request, RFC 5176 §3. Framed-IP-Address and Acct-Multi-Session-Id do as well,
 * and are left out: no kind of NAS demands them, and an address that has changed names no session (ADR 20).
 */
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
export interface NasProfile extends NasProfileFacts {
  /** A vendor attribute by which requests of this kind are known; a lower rank is asked first. */
  readonly recognizedBy: { readonly vendorId: number; readonly rank: number } | null;
  /** How long after an Accept a NAS that has not sent Accounting-Start may not know the session (behaviour 5.1). */
  readonly readyAfterAcceptMs: number;
  /** Where CoA cannot move a client: how soon one whose access depends on its verdict is asked again (behaviour 5.8). */
  readonly reauthenticateAfterSeconds: number | null;
  /** What each step sends; after Error-Cause 401 or 402 the next template. A step that is absent is skipped, not tried. */
  readonly steps: Readonly<Partial<Record<CoaStep, readonly CoaTemplate[]>>>;
}

export interface CoaTemplate {
  readonly code: DynamicAuthorizationCode;
  /** Those of them that the session has are sent. */
  readonly identify: readonly SessionIdentifier[];
  readonly attributes: readonly Attribute[];
}

/** What is taken where nothing is recognized. */
const FALLBACK_PROFILE = "standard";

export interface NasProfiles {
  readonly all: readonly NasProfile[];
  /** By name; `undefined` where there is none of that name. */
  named(name: string): NasProfile | undefined;
  /** The profile of a request's NAS: the one chosen for it, or the one that its request shows. */
  of(chosen: string, request: Packet): NasProfile | undefined;
}

/** The profiles that ship with the product. Throws on a file that is no profile. */
export function loadNasProfiles(folder: string = join(import.meta.dirname, "profiles")): NasProfiles {
  const all = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => parseProfile(file, JSON.parse(readFileSync(join(folder, file), "utf8")) as RawProfile));
  const byName = new Map(all.map((profile) => [profile.name, profile]));
  const recognizable = all
    .filter((profile) => profile.recognizedBy !== null)
    .toSorted((a, b) => a.recognizedBy!.rank - b.recognizedBy!.rank);
  const fallback = byName.get(FALLBACK_PROFILE);
  const recognized = (request: Packet): NasProfile | undefined => {
    const vendors = readVendors(request);
    return recognizable.find((profile) => vendors.includes(profile.recognizedBy!.vendorId)) ?? fallback;
  };
  return {
    all,
    named: (name) => byName.get(name),
    of: (chosen, request) => (chosen === AUTOMATIC_PROFILE ? recognized(request) : byName.get(chosen)),
  };
}

interface RawTemplate {
  readonly code: DynamicAuthorizationCode;
  readonly identify: readonly SessionIdentifier[];
  readonly attributes: readonly string[];
}

type RawProfile = Omit<NasProfile, "steps" | "takes"> & {
  readonly steps: Readonly<Partial<Record<CoaStep, readonly RawTemplate[]>>>;
};

function parseProfile(file: string, raw: RawProfile): NasProfile {
  if (`${raw.name}.json` !== file) throw new Error(`NAS profile ${file} calls itself "${raw.name}"`);
  const steps = Object.entries(raw.steps).map(([step, templates]) => [
    step,
    templates.map((template) => parseTemplate(file, template)),
  ]);
  return {
    ...raw,
    takes: Object.keys(raw.steps) as CoaStep[],
    steps: Object.fromEntries(steps) as NasProfile["steps"],
  };
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
