import type { Client, Connection } from "@temporalio/client";
import { isGrpcServiceError } from "@temporalio/client";
import { deviceWorkflowId } from "../domain/identity.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { DeviceWorkflows } from "../runtime/device-workflows.ts";
import type { Log } from "../runtime/log.ts";
import { identitiesInUse } from "../store/identities-in-use.ts";
import type { IdentityInUse } from "../store/identities-in-use.ts";
import type { Store } from "../store/pool.ts";
import { DEVICE_WORKFLOW, SEARCH_ATTRIBUTES } from "../workflows/contract.ts";
import type { Pace } from "./pace.ts";

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;
const DATETIME = 6;
/** grpc/doc/statuscodes.md */
const ALREADY_EXISTS = 6;

const PAGE = 500;
const REGISTERING_MS = 5 * SECOND_MS;
const LISTING_MS = 15 * SECOND_MS;

/** Registers the search attributes that are missing. Without them a workflow's task fails until they are there. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  for (const name of Object.values(SEARCH_ATTRIBUTES)) {
    const searchAttributes = { [name]: name === SEARCH_ATTRIBUTES.changedAt ? DATETIME : KEYWORD };
    try {
      await connection.withDeadline(Date.now() + REGISTERING_MS, () =>
        connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
      );
    } catch (error) {
      if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
    }
  }
}

/**
 * Starts the workflows that identities in use should have and do not: what a lost namespace, a terminated workflow or a
 * wish that never arrived leaves behind. Each begins with Postgres' verdict and due time, so that none of this asks an
 * MDM early; the pace spreads those that are overdue (behaviour 2.5). Answers with how many it started.
 */
export async function reviveWorkflows(
  parts: {
    readonly store: Store;
    readonly client: Client;
    readonly workflows: DeviceWorkflows;
    readonly pace: Pace;
    readonly log: Log;
  },
  stop: AbortSignal,
): Promise<number> {
  const running = await runningWorkflows(parts.client);
  let revived = 0;
  let after: IdentityInUse | undefined;
  for (;;) {
    const page = await identitiesInUse(parts.store, { limit: PAGE, after });
    for (const { organizationId, identity } of page) {
      if (running.has(deviceWorkflowId(organizationId, identity))) continue;
      if (stop.aborted) return revived;
      await parts.pace.turn();
      await parts.workflows.ensure(organizationId, identity);
      revived += 1;
    }
    after = page.at(-1);
    if (after === undefined) return revived;
  }
}

/** By one listing instead of a question for each device. It may lag by a moment: starting one that runs changes nothing. */
async function runningWorkflows(client: Client): Promise<ReadonlySet<string>> {
  const query = `WorkflowType = '${DEVICE_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const running = new Set<string>();
  await client.connection.withDeadline(Date.now() + LISTING_MS, async () => {
    for await (const { workflowId } of client.workflow.list({ query, pageSize: PAGE })) running.add(workflowId);
  });
  return running;
}
