import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import type { Client } from "@temporalio/client";
import type { OrganizationId } from "../domain/identifiers.ts";
import { deviceWorkflowId } from "../domain/identity.ts";
import type { IdentityKey } from "../domain/identity.ts";
import {
  CHECK_NOW_UPDATE,
  COA_WORKFLOW,
  COMPLIANCE_QUEUE,
  DEVICE_WORKFLOW,
  SEEN_SIGNAL,
  SESSION_CHANGED_SIGNAL,
  STATE_QUERY,
} from "../workflows/contract.ts";
import type { CoaInput, DeviceInput, DeviceState, LookUpResult, Seen } from "../workflows/contract.ts";
import { explainTemporalFailure, isUnanswered, TemporalError } from "./temporal-failure.ts";

/**
 * Everything that our processes ask of the workflows. Each call starts the workflow where it is missing, so that a lost
 * Temporal heals itself, and throws TemporalError when it did not succeed within its deadline.
 */
export interface DeviceWorkflows {
  /** A client authenticated, and its verdict is missing or due. */
  seen(organizationId: OrganizationId, identity: IdentityKey, seen: Seen): Promise<void>;
  /** A session of the identity opened or closed while an enforcement is open. */
  sessionChanged(organizationId: OrganizationId, identity: IdentityKey): Promise<void>;
  /** Looks the device up now, and answers with what came of it. */
  checkNow(organizationId: OrganizationId, identity: IdentityKey): Promise<LookUpResult>;
  /** Starts the workflow that sends a CoA a person asked for; a second call with the same id changes nothing. */
  coa(input: CoaInput, id: string): Promise<void>;
  /** Starts the identity's workflow where none runs: it begins with what Postgres holds, and asks no MDM before its time. */
  ensure(organizationId: OrganizationId, identity: IdentityKey): Promise<void>;
  /** The workflow's own account of itself; `undefined` where none runs. */
  state(organizationId: OrganizationId, identity: IdentityKey): Promise<DeviceState | undefined>;
  /** Whether the identity's workflow runs. */
  isRunning(organizationId: OrganizationId, identity: IdentityKey): Promise<boolean>;
}

/** Time for a look-up that a person waits for: one MDM call with its retries, and a worker to make it. */
const CHECK_MS = 25_000;

interface Parts {
  readonly client: Client;
  readonly address: string;
  /** Time for a call that only has to be accepted. */
  readonly acceptMs: number;
  unavailable(): Promise<string | undefined>;
}

export function createDeviceWorkflows(parts: Parts): DeviceWorkflows {
  const { client, address, acceptMs } = parts;
  const within = async <T>(limitMs: number, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.connection.withDeadline(Date.now() + limitMs, call);
    } catch (error) {
      throw explainTemporalFailure(error, address);
    }
  };
  const signal = (
    organizationId: OrganizationId,
    identity: IdentityKey,
    name: string,
    args: unknown[],
  ): Promise<void> =>
    within(acceptMs, async () => {
      const options = { ...startOptions(organizationId, identity), signal: name, signalArgs: args };
      await client.workflow.signalWithStart(DEVICE_WORKFLOW, options);
    });
  return {
    seen: (organizationId, identity, seen) => signal(organizationId, identity, SEEN_SIGNAL, [seen]),
    sessionChanged: (organizationId, identity) => signal(organizationId, identity, SESSION_CHANGED_SIGNAL, []),
    checkNow: (organizationId, identity) => checkNow(parts, organizationId, identity),
    coa: (input, id) => within(acceptMs, () => startCoa(client, input, id)),
    ensure: (organizationId, identity) =>
      within(acceptMs, async () => {
        const options = {
          ...startOptions(organizationId, identity),
          workflowIdConflictPolicy: "USE_EXISTING",
        } as const;
        await client.workflow.start(DEVICE_WORKFLOW, options);
      }),
    state: (organizationId, identity) =>
      within(acceptMs, () =>
        absentIfUnknown(handleOf(client, organizationId, identity).query<DeviceState>(STATE_QUERY)),
      ),
    isRunning: (organizationId, identity) =>
      within(acceptMs, async () => {
        const found = await absentIfUnknown(handleOf(client, organizationId, identity).describe());
        return found?.status.name === "RUNNING";
      }),
  };
}

/** Probes first: a server that is down is told within two seconds, and a deadline that passes then means no worker. */
async function checkNow(parts: Parts, organizationId: OrganizationId, identity: IdentityKey): Promise<LookUpResult> {
  const reason = await parts.unavailable();
  if (reason !== undefined) throw new TemporalError("unreachable", reason, undefined);
  const { client, address } = parts;
  const startWorkflowOperation = new WithStartWorkflowOperation(DEVICE_WORKFLOW, {
    ...startOptions(organizationId, identity),
    workflowIdConflictPolicy: "USE_EXISTING",
  });
  try {
    return await client.connection.withDeadline(Date.now() + CHECK_MS, () =>
      client.workflow.executeUpdateWithStart<DeviceWorkflow, LookUpResult, []>(CHECK_NOW_UPDATE, {
        startWorkflowOperation,
      }),
    );
  } catch (error) {
    if (!isUnanswered(error)) throw explainTemporalFailure(error, address);
    const text = `no worker looked the device up within ${CHECK_MS / 1000} s: is a worker running?`;
    throw new TemporalError("noWorker", text, error);
  }
}

/** Workflows are started by name: their code must not be imported here. */
type DeviceWorkflow = (input: DeviceInput) => Promise<void>;

function startOptions(organizationId: OrganizationId, identity: IdentityKey) {
  return {
    workflowId: deviceWorkflowId(organizationId, identity),
    taskQueue: COMPLIANCE_QUEUE,
    args: [{ organizationId, identity }] as [DeviceInput],
    staticSummary: `Compliance of ${identity}`,
  };
}

async function startCoa(client: Client, input: CoaInput, id: string): Promise<void> {
  try {
    await client.workflow.start(COA_WORKFLOW, {
      workflowId: `coa/${input.organizationId}/${id}`,
      workflowIdReusePolicy: "REJECT_DUPLICATE",
      taskQueue: COMPLIANCE_QUEUE,
      args: [input],
      staticSummary: `CoA (${input.coaType}) for ${input.mac}, asked for by ${input.source}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function handleOf(client: Client, organizationId: OrganizationId, identity: IdentityKey) {
  return client.workflow.getHandle(deviceWorkflowId(organizationId, identity));
}

async function absentIfUnknown<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
