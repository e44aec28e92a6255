import type { CoaStep } from "./coa.ts";
import { SECOND_MS } from "./time.ts";

/** What people need to know of one kind of NAS, as far as CoA is concerned. */
export interface NasProfileFacts {
  readonly name: string;
  readonly title: string;
  /** As rules match it; `null` where the profile does not tell. */
  readonly vendor: string | null;
  /** Where this kind listens unless it is told otherwise. */
  readonly coaPort: number;
  readonly minimumFirmware: string | null;
  /** What must be switched on at the NAS. */
  readonly switchOn: string;
  /** What this kind does not take, or only so. */
  readonly limits: string | null;
  /** Where all this is written. */
  readonly source: string;
  /** The steps that it takes; none: CoA cannot move its clients. */
  readonly takes: readonly CoaStep[];
}

/** The profile that is told from each request, instead of chosen. */
export const AUTOMATIC_PROFILE = "auto";

/** How long after an Accept a NAS may not know the session yet, where its profile does not say (behaviour 5.1). */
export const DEFAULT_NAS_READY_MS: number = 3 * SECOND_MS;

/** What to look at when a NAS of this kind does not obey (behaviour 5.7). */
export function profileAdvice({ title, minimumFirmware, switchOn, limits }: NasProfileFacts): string {
  const firmware = minimumFirmware === null ? "" : ` Firmware: ${minimumFirmware} or newer.`;
  const bounds = limits === null ? "" : ` Limits: ${limits}.`;
  return `For ${title}, switch on: ${switchOn}.${firmware}${bounds}`;
}
