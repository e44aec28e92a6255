import type { Config } from "../../runtime/config.ts";
import type { Part } from "./part.ts";
import type { Progress } from "./progress.ts";
import type { StartSandbox } from "./sandbox.ts";

/** What every step of a start works with. */
export interface Installation {
  readonly env: NodeJS.ProcessEnv;
  /** Its state folder is absolute. */
  readonly config: Config;
  /** `undefined` for an installation without the sandbox. */
  readonly startSandbox: StartSandbox | undefined;
  readonly progress: Progress;
  /** One visible step; rejects before it begins once the start was broken off. */
  readonly step: Progress["step"];
  /** Notes what must be closed, in the order of the calls. */
  readonly opened: (part: Part) => void;
}
