import { colonMac } from "../domain/mac-address.ts";
import type { CoaInput } from "./contract.ts";
import { sendCoa } from "./ports.ts";

/** One CoA that a person asked for: a workflow of its own, so that it outlives the process that took the request. */
export function ClientCoaWorkflow(input: CoaInput): Promise<{ readonly text: string }> {
  return sendCoa.executeWithOptions({ summary: `CoA ${input.coaType} to ${colonMac(input.mac)}` }, [input]);
}
