import { condition, defineQuery, defineSignal, defineUpdate, setHandler } from "@temporalio/workflow";
import { CHECK_NOW_UPDATE, SEEN_SIGNAL, SESSION_CHANGED_SIGNAL } from "../../workflows/contract.ts";
import type { CoaInput, DeviceInput, LookUpResult, Seen } from "../../workflows/contract.ts";

/** Stands in for the product's workflows under their names: it writes down what it receives, and asks no MDM. */
export async function DeviceComplianceWorkflow(input: DeviceInput): Promise<void> {
  const received: string[] = [];
  setHandler(defineSignal<[Seen]>(SEEN_SIGNAL), ({ text }) => void received.push(`seen ${text}`));
  setHandler(defineSignal(SESSION_CHANGED_SIGNAL), () => void received.push("sessionChanged"));
  setHandler(defineQuery<string[]>("received"), () => received);
  setHandler(defineUpdate<LookUpResult, []>(CHECK_NOW_UPDATE), () => lookUp(input));
  await condition(() => false);
}

function lookUp({ identity }: DeviceInput): LookUpResult {
  return {
    status: "compliant",
    reason: "reported",
    revision: 1,
    changed: true,
    provider: "Jamf Pro",
    text: `checked ${identity}`,
    knownMacs: [],
    nextCheckMs: 7_200_000,
    inUse: true,
  };
}

export async function ClientCoaWorkflow({ coaType, mac, source }: CoaInput): Promise<string> {
  return Promise.resolve(`${coaType} for ${mac}, asked for by ${source}`);
}
