import type { AccountingKind } from "../../domain/session.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import { writeAccountingKind } from "../../radius-edge/wire/attribute-writers.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { AccessOutcome } from "../../simulators/fleet/access.ts";
import type { FleetClient } from "../../simulators/fleet/client.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { NAS_SECRET } from "./edge.ts";

/** A NAS that says what a test has it say, over UDP from an address of its own. */
export interface EdgeNas {
  /** `packet` is the edge's last answer. */
  authenticate(
    client: FleetClient,
    place: readonly Attribute[],
  ): Promise<{ readonly outcome: AccessOutcome; readonly packet: Packet }>;
  /** Resolves once the edge has acknowledged it. */
  account(kind: AccountingKind, attributes: readonly Attribute[]): Promise<void>;
  close(): void;
}

export async function openEdgeNas(edge: RunningEdge, address: string): Promise<EdgeNas> {
  const radius = await openRadiusClient({ address, secret: NAS_SECRET });
  return {
    async authenticate(client, place) {
      let packet: Packet | undefined;
      const outcome = await authenticate(client, place, {
        secret: NAS_SECRET,
        ask: async (attributes) => {
          const answered = await radius.ask(edge.authentication, "Access-Request", attributes);
          packet = answered?.packet;
          return answered;
        },
      });
      if (packet === undefined) throw new Error("the edge gave no answer");
      return { outcome, packet };
    },
    async account(kind, attributes) {
      const asked = [writeAccountingKind(kind), ...attributes];
      const answered = await radius.ask(edge.accounting, "Accounting-Request", asked);
      if (answered === undefined) throw new Error("the edge did not acknowledge");
    },
    close: () => radius.close(),
  };
}
