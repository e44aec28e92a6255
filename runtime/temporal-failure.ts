import {
  isGrpcServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "@temporalio/client";

/** `unreachable`: no answer in time; `noWorker`: accepted, but nobody worked on it; `refused`: the server said no. */
export type TemporalFault = "unreachable" | "noWorker" | "refused";

/** A call to Temporal that did not succeed. The message is fit for an operator. */
export class TemporalError extends Error {
  override readonly name = "TemporalError";
  readonly fault: TemporalFault;
  constructor(fault: TemporalFault, message: string, cause: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

/** gRPC status codes that mean nobody answered (grpc/doc/statuscodes.md). */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

/** Names a failure of the client; `address` is that of the server. */
export function explainTemporalFailure(error: unknown, address: string): TemporalError {
  if (error instanceof TemporalError) return error;
  const root = causeOf(error);
  if (isGrpcServiceError(root)) {
    return [CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE].includes(root.code)
      ? new TemporalError("unreachable", `Temporal at ${address} does not answer`, error)
      : new TemporalError("refused", `Temporal at ${address} refused the call: ${root.details}`, error);
  }
  if (error instanceof WorkflowUpdateFailedError) {
    return new TemporalError("refused", `the workflow refused: ${error.cause?.message ?? error.message}`, error);
  }
  return new TemporalError("refused", `the call to Temporal at ${address} failed: ${String(error)}`, error);
}

/** True when the server took the call but no worker answered before the deadline. */
export function isUnanswered(error: unknown): boolean {
  const root = causeOf(error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  return isGrpcServiceError(root) && (root.code === DEADLINE_EXCEEDED || root.code === CANCELLED);
}

/** The client wraps the gRPC error in a ServiceError. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined && !isGrpcServiceError(error) ? error.cause : error;
}
