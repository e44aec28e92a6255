import type { EventId, SessionId } from "../../domain/identifiers.ts";
import { readClass } from "../../radius-edge/class-attribute.ts";
import { deriveKey } from "../../runtime/master-keys.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { accountingAttributes, openSession, sessionAttributes } from "../../simulators/fleet/session.ts";
import type { NasSession } from "../../simulators/fleet/session.ts";
import type { Member } from "./fleet.ts";
import { NAS_ADDRESS, NAS_IDENTIFIER, NAS_SECRET } from "./installation.ts";
import type { Installation } from "./installation.ts";

/** One stay of a client on the network, by the answers that its switch had. */
export interface Visit {
  readonly member: Member;
  readonly acctSessionId: string;
  readonly outcome: "accepted" | "rejected" | "failed" | "noAnswer";
  readonly vlan: string | undefined;
  /** As Class names them: the event of the Accept, and the session that it opened. */
  readonly decisionId: EventId | undefined;
  readonly sessionId: SessionId | undefined;
  /** The accounting that was acknowledged. */
  readonly accounted: readonly ("start" | "stop")[];
}

/** A switch that keeps books on every answer. */
export interface Visits {
  /** All that have ended, whoever asked for them. */
  readonly book: readonly Visit[];
  /** Lets a client in, accounts for it, and lets it go again. */
  visit(member: Member): Promise<Visit>;
  close(): void;
}

export async function openVisits({ edge, keys }: Installation): Promise<Visits> {
  const nas = { address: NAS_ADDRESS, nasIdentifier: NAS_IDENTIFIER };
  const radius = await openRadiusClient({ address: NAS_ADDRESS, secret: NAS_SECRET });
  const classKey = Buffer.from(deriveKey(keys, "radius-class"));
  const book: Visit[] = [];
  let ports = 0;

  async function account(kind: "start" | "stop", session: NasSession): Promise<readonly ("start" | "stop")[]> {
    const attributes = accountingAttributes(kind, session, nas, { now: Date.now() });
    const answered = await radius.ask(edge.accounting, "Accounting-Request", attributes);
    return answered?.packet.code === "Accounting-Response" ? [kind] : [];
  }

  async function visit(member: Member): Promise<Visit> {
    const arrived = openSession(member.client, ++ports, Date.now());
    const outcome = await authenticate(member.client, sessionAttributes(arrived, nas), {
      secret: NAS_SECRET,
      ask: (attributes) => radius.ask(edge.authentication, "Access-Request", attributes),
    });
    const authorization = outcome.kind === "accepted" ? outcome.authorization : undefined;
    const session = { ...arrived, authorization };
    return {
      member,
      acctSessionId: session.acctSessionId,
      outcome: outcome.kind,
      vlan: authorization?.vlan,
      decisionId: readClass(authorization?.classes ?? [], classKey)?.decisionId,
      sessionId: readClass(authorization?.classes ?? [], classKey)?.sessionId,
      accounted:
        authorization === undefined ? [] : [...(await account("start", session)), ...(await account("stop", session))],
    };
  }

  return {
    book,
    visit: async (member) => {
      const visited = await visit(member);
      book.push(visited);
      return visited;
    },
    close: () => radius.close(),
  };
}
