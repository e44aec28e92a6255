import type { DeviceCarried, DeviceInput, Enforcement, LookUpCause, LookUpResult, Seen } from "./contract.ts";

/** What one run of DeviceComplianceWorkflow holds in memory: rebuilt by replay, handed on by continue-as-new. */
export interface Device {
  lookUps: number;
  /** Look-ups since this run began: what continue-as-new counts. */
  readonly lookUpsBefore: number;
  last: LookUpResult | undefined;
  /** The last look-up activity gave up: wishes wait for the next attempt instead of hammering. */
  lastFailure: string | undefined;
  /** Epoch milliseconds; 0 is at once. */
  nextLookUpAt: number;
  wishes: readonly Seen[];
  /** `checkNow` updates so far, and those among them that are answered. */
  asked: number;
  answered: number;
  /** Something arrived since the loop last looked. */
  mail: boolean;
  enforcing: { readonly revision: number; readonly nextStepAt: number } | undefined;
  enforcement: Enforcement | undefined;
}

export function createDevice({ carried }: DeviceInput): Device {
  return {
    lookUps: carried?.lookUps ?? 0,
    lookUpsBefore: carried?.lookUps ?? 0,
    last: carried?.last,
    lastFailure: undefined,
    nextLookUpAt: carried?.nextLookUpAt ?? 0,
    wishes: carried?.wishes ?? [],
    asked: 0,
    answered: 0,
    mail: false,
    enforcing: carried?.enforcing,
    enforcement: undefined,
  };
}

/** Why to look up now, if at all. People go before wishes, wishes before the clock. */
export function lookUpCause(device: Device, now: number): LookUpCause | undefined {
  const due = now >= device.nextLookUpAt;
  if (device.asked > device.answered) return { kind: "asked" };
  const [wish] = device.wishes;
  if (wish !== undefined && (due || device.lastFailure === undefined)) {
    return {
      kind: "wished",
      ...(wish.at === undefined ? {} : { at: wish.at }),
      ...(wish.mac === undefined ? {} : { mac: wish.mac }),
    };
  }
  return due ? { kind: "due" } : undefined;
}

/**
 * Fifty wishes are one look-up: a wish is answered by the last one, unless that is due again or did not know the MAC
 * address that the client came with (behaviour 1.1, 2.1).
 */
export function isAnswered(wish: Seen, last: LookUpResult | undefined, nextLookUpAt: number, now: number): boolean {
  if (last === undefined || now >= nextLookUpAt) return false;
  return wish.mac === undefined || last.knownMacs.includes(wish.mac);
}

/** Whether the loop should compare desired with applied now. */
export function enforcementDue(device: Device, now: number): boolean {
  return device.enforcing !== undefined && now >= device.enforcing.nextStepAt;
}

/** Milliseconds until the same is compared again; `undefined`: it is done, or has failed for good. */
export function untilNextStepMs(enforcement: Enforcement): number | undefined {
  switch (enforcement.kind) {
    case "awaitingReturn":
      return enforcement.waitMs;
    case "failed":
      return enforcement.againMs ?? enforcement.pauseMs;
    case "settled":
      return undefined;
  }
}

/** Milliseconds until the clock alone gives the loop something to do. */
export function restMs(device: Device, now: number): number {
  const at = Math.min(device.nextLookUpAt, device.enforcing?.nextStepAt ?? Number.POSITIVE_INFINITY);
  return Math.max(1, Math.ceil(at - now));
}

/** What the next run starts from. Only for a device that was looked up. */
export function carry(device: Device, last: LookUpResult): DeviceCarried {
  const { lookUps, nextLookUpAt, wishes, enforcing } = device;
  return { lookUps, last, nextLookUpAt, wishes, ...(enforcing === undefined ? {} : { enforcing }) };
}
