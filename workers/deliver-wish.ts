import type { DeviceWorkflows } from "../runtime/device-workflows.ts";
import { TemporalError } from "../runtime/temporal-failure.ts";
import type { Wish } from "../store/outbox.ts";

export type Delivery =
  | { readonly kind: "delivered" }
  /** Nobody answers: every other wish would fare the same. */
  | { readonly kind: "unavailable"; readonly text: string }
  /** The server said no to this one. */
  | { readonly kind: "refused"; readonly text: string };

/** Tells Temporal of one wish. Told twice, a workflow does once what it does. */
export async function deliverWish(workflows: DeviceWorkflows, wish: Wish): Promise<Delivery> {
  try {
    await tell(workflows, wish);
    return { kind: "delivered" };
  } catch (error) {
    if (!(error instanceof TemporalError)) throw error;
    return { kind: error.fault === "unreachable" ? "unavailable" : "refused", text: error.message };
  }
}

function tell(workflows: DeviceWorkflows, wish: Wish): Promise<void> {
  switch (wish.kind) {
    case "seen":
      return workflows.seen(wish.organizationId, wish.subject, wish.payload);
    case "session_changed":
      return workflows.sessionChanged(wish.organizationId, wish.subject);
    case "coa":
      return workflows.coa(wish.payload, wish.subject);
  }
}
