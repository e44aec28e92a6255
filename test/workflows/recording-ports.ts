import { HOUR_MS } from "../../domain/time.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type {
  CoaInput,
  ComplianceActivities,
  CrlRefresh,
  EnforceInput,
  Enforcement,
  LookUpInput,
  LookUpResult,
} from "../../workflows/contract.ts";
import { MAC, NOW } from "../support/domain-values.ts";

/** Ports that answer as told and keep what they were asked: what the loop does, seen from outside. */
export interface RecordingPorts extends ComplianceActivities {
  readonly lookUps: LookUpInput[];
  readonly enforcements: EnforceInput[];
  readonly coas: CoaInput[];
  /** How often it was asked whose CRLs are due. */
  crlRounds: number;
  /** Organizations whose CRLs are due, and those whose were fetched. */
  dueCrls: OrganizationId[];
  readonly refreshes: OrganizationId[];
  refreshed: (organizationId: OrganizationId) => CrlRefresh | Promise<CrlRefresh>;
  /** What the next calls answer; replaced by the test as its story goes on. */
  answer: (input: LookUpInput) => LookUpResult | Promise<LookUpResult>;
  outcome: (input: EnforceInput) => Enforcement | Promise<Enforcement>;
}

export function recordingPorts(): RecordingPorts {
  const ports: RecordingPorts = {
    lookUps: [],
    enforcements: [],
    coas: [],
    crlRounds: 0,
    dueCrls: [],
    refreshes: [],
    refreshed: () => ({ fetched: 1, failed: 0, text: "1 CRLs are current." }),
    answer: () => result(),
    outcome: () => ({ kind: "settled", text: "already on VLAN 20" }),
    lookUpCompliance: (input) => {
      ports.lookUps.push(input);
      return Promise.resolve(ports.answer(input));
    },
    enforce: (input) => {
      ports.enforcements.push(input);
      return Promise.resolve(ports.outcome(input));
    },
    sendCoa: (input) => {
      ports.coas.push(input);
      return Promise.resolve({ text: "acknowledged by the NAS" });
    },
    findDueCrls: () => {
      ports.crlRounds += 1;
      return Promise.resolve({ organizationIds: ports.dueCrls });
    },
    refreshCrls: ({ organizationId }) => {
      ports.refreshes.push(organizationId);
      return Promise.resolve(ports.refreshed(organizationId));
    },
  };
  return ports;
}

/** A look-up that found the device compliant, as before. */
export function result(change: Partial<LookUpResult> = {}): LookUpResult {
  return {
    status: "compliant",
    reason: "reported",
    revision: 7,
    changed: false,
    changedAt: NOW,
    provider: "Jamf Pro",
    knownMacs: [MAC],
    text: "Jamf Pro says compliant.",
    nextCheckMs: 2 * HOUR_MS,
    inUse: true,
    ...change,
  };
}
