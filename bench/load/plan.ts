/** What the generator is asked to do; travels to its process and back as JSON. */
export interface Plan {
  /** UDP port on 127.0.0.1. */
  readonly port: number;
  /** What a right answer is: the request's own octets, or an Access-Accept into the benchmark's VLAN. */
  readonly expects: "echo" | "accept";
  readonly traffic: TrafficPlan;
  /** How many requests were sent before: it goes on from there. A plan without begins with the first. */
  readonly sentBefore?: number;
  /** Keeps the event id that each answer's Class names. */
  readonly collectsEvents?: boolean;
  /** An answer that takes longer is lost; two seconds unless told. */
  readonly patienceMs?: number;
}

export type TrafficPlan =
  /** So many requests unanswered at any moment. */
  | { readonly kind: "closed"; readonly window: number; readonly warmUpMs: number; readonly measuredMs: number }
  /** Poisson arrivals, whatever the server does. */
  | { readonly kind: "open"; readonly perSecond: number; readonly warmUpMs: number; readonly measuredMs: number }
  /** So many at once, back to back; the next round once these are answered or given up. */
  | { readonly kind: "burst"; readonly requests: number; readonly rounds: number }
  /** The same into the queue of a stopped process, which then goes on: saturated, however slow the generator is. */
  | { readonly kind: "held"; readonly requests: number; readonly rounds: number; readonly pid: number };

/** What came of it, of the measured part alone. */
export interface Outcome {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Answers that were none: wrong code, authenticator or attributes. One voids the run. */
  readonly bad: number;
  readonly seconds: number;
  /** From the intended instant of sending to the answer. */
  readonly latency: Spread;
  /** From the intended instant of sending to the actual one: the generator's own part of the latency. */
  readonly lag: Spread;
  /** Lower-case hexadecimal, 32 digits each. */
  readonly events: readonly string[];
}

/** Microseconds. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

export type GeneratorMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "measuring" }
  | { readonly kind: "done"; readonly outcome: Outcome };
