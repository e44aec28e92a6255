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
  /**
   * The oldest release of which a document of the vendor's says that it takes CoA so, or FIRMWARE_NOT_DOCUMENTED; `null`
   * where this is no one vendor's kind.
   */
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

/** None of the vendor's documents that we know names a release. */
export const FIRMWARE_NOT_DOCUMENTED = "not documented";

/** The profile that is told from each request, instead of chosen. */
export const AUTOMATIC_PROFILE = "auto";

/** How long after an Accept a NAS may not know the session yet, where its profile does not say (behaviour 5.1). */
export const DEFAULT_NAS_READY_MS: number = 3 * SECOND_MS;

/** What to look at when a NAS of this kind does not obey (behaviour 5.7). */
export function profileAdvice({ title, minimumFirmware, switchOn, limits }: NasProfileFacts): string {
  const firmware = minimumFirmware === null ? "" : ` Firmware: ${firmwareNeeded(minimumFirmware)}.`;
  const bounds = limits === null ? "" : ` Limits: ${limits}.`;
  return `For ${title}, switch on: ${switchOn}.${firmware}${bounds}`;
}

function firmwareNeeded(minimum: string): string {
  return minimum === FIRMWARE_NOT_DOCUMENTED ? "the vendor documents no minimum" : `${minimum} or newer`;
}
