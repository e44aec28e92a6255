import type { MacAddress } from "../../domain/mac-address.ts";
import { VERDICT_SENTENCES } from "../../domain/verdict.ts";
import type { ComplianceStatus, DecisiveVerdict, VerdictReason } from "../../domain/verdict.ts";
import { IDENTITY_WORDS } from "./packed-identity.ts";

/**
 * One entry, in words of 32 bits: the identity; flags with the upper 16 bits of the MAC that the verdict was found by; its
 * lower 32; the lower 32 of revision, last answer and due time; and their upper bits. Instants reach to the year 2248,
 * revisions to 2^42.
 */
export const ENTRY_WORDS = IDENTITY_WORDS + 6;

const FLAGS = IDENTITY_WORDS;
const MAC = FLAGS + 1;
const REVISION = FLAGS + 2;
const CHECKED = FLAGS + 3;
const DUE = FLAGS + 4;
const UPPER = FLAGS + 5;

/** The codes of `status` and `reason` are their places in these lists. */
export const STATUSES: readonly ComplianceStatus[] = ["compliant", "noncompliant", "unknown"];
export const REASONS = Object.keys(VERDICT_SENTENCES) as readonly VerdictReason[];
const MATCHES: readonly DecisiveVerdict["matchedBy"][] = [undefined, "deviceId", "mac"];

const TWO_32 = 2 ** 32;
const LAST_INSTANT = 2 ** 43 - 1;

/** Writes a verdict, under the identity's tag, into the entry that begins at `at`. */
export function packVerdict(verdict: DecisiveVerdict, tag: number, words: Uint32Array, at: number): void {
  const mac = verdict.matchedMac;
  const checkedAt = instant(verdict.checkedAt ?? 0);
  const dueAt = instant(verdict.dueAt);
  words[at + FLAGS] =
    STATUSES.indexOf(verdict.status) |
    (REASONS.indexOf(verdict.reason) << 2) |
    (MATCHES.indexOf(verdict.matchedBy) << 6) |
    (tag << 8) |
    (verdict.checkedAt === undefined ? 0 : 1 << 11) |
    (mac === undefined ? 0 : 1 << 12) |
    (Number.parseInt(mac?.slice(0, 4) ?? "0", 16) << 16);
  words[at + MAC] = Number.parseInt(mac?.slice(4) ?? "0", 16);
  words[at + REVISION] = verdict.revision % TWO_32;
  words[at + CHECKED] = checkedAt % TWO_32;
  words[at + DUE] = dueAt % TWO_32;
  words[at + UPPER] = (upper(verdict.revision) << 22) | (upper(checkedAt) << 11) | upper(dueAt);
}

export function tagOf(words: Uint32Array, at: number): number {
  return (words[at + FLAGS]! >>> 8) & 7;
}

export function unpackVerdict(words: Uint32Array, at: number): DecisiveVerdict {
  const flags = words[at + FLAGS]!;
  const high = words[at + UPPER]!;
  const whole = (upperBits: number, place: number): number => upperBits * TWO_32 + words[at + place]!;
  return {
    status: STATUSES[flags & 3]!,
    reason: REASONS[(flags >>> 2) & 15]!,
    matchedBy: MATCHES[(flags >>> 6) & 3],
    matchedMac: (flags & (1 << 12)) === 0 ? undefined : macOf(flags >>> 16, words[at + MAC]!),
    revision: whole(high >>> 22, REVISION),
    checkedAt: (flags & (1 << 11)) === 0 ? undefined : whole((high >>> 11) & 0x7ff, CHECKED),
    dueAt: whole(high & 0x7ff, DUE),
  };
}

function instant(at: number): number {
  return Math.min(Math.max(0, Math.floor(at)), LAST_INSTANT);
}

function upper(number: number): number {
  return Math.floor(number / TWO_32);
}

function macOf(high: number, low: number): MacAddress {
  return `${high.toString(16).padStart(4, "0")}${low.toString(16).padStart(8, "0")}` as MacAddress;
}
