export const FAULT_SCOPES = ["all", "token", "api"] as const;

/** Which requests a fault meets: by purpose, and by a part of their path; the next `times` of them, or until cleared. */
interface FaultAim {
  readonly scope?: (typeof FAULT_SCOPES)[number];
  readonly path?: string;
  readonly times?: number;
}

/** What goes wrong instead of the answer; `slow` answers rightly, but late. */
type Breakage =
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: "slow"; readonly delayMs: number }
  /** 200 with an HTML page, as captive portals and error pages of proxies send. */
  | { readonly kind: "html" }
  /** The request is read and never answered. */
  | { readonly kind: "halfOpen" }
  /** The connection is torn down without an answer. */
  | { readonly kind: "reset" };

export type Fault = Breakage & FaultAim;

/** The faults in force, oldest first; the first that fits a request meets it. */
export class FaultPlan {
  #faults: readonly { readonly fault: Fault; readonly left: number }[] = [];

  get all(): readonly Fault[] {
    return this.#faults.map(({ fault, left }) => (fault.times === undefined ? fault : { ...fault, times: left }));
  }

  inject(fault: Fault): void {
    this.#faults = [...this.#faults, { fault, left: fault.times ?? Number.POSITIVE_INFINITY }];
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that this request meets, used up by one. */
  meet(path: string): Fault | undefined {
    const index = this.#faults.findIndex(({ fault }) => aimsAt(fault, path));
    const met = this.#faults[index];
    if (met === undefined) return undefined;
    const rest = met.left > 1 ? [{ ...met, left: met.left - 1 }] : [];
    this.#faults = this.#faults.toSpliced(index, 1, ...rest);
    return met.fault;
  }
}

function aimsAt(fault: Fault, path: string): boolean {
  const purpose = /\/token(\?|$)/.test(path) ? "token" : "api";
  const scope = fault.scope ?? "all";
  return (scope === "all" || scope === purpose) && path.includes(fault.path ?? "");
}
