import type { EventId } from "../../domain/identifiers.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { readClass } from "../../radius-edge/class-attribute.ts";
import { deriveKey } from "../../runtime/master-keys.ts";
import { authenticate } from "../../simulators/fleet/access.ts";
import type { AccessOutcome } from "../../simulators/fleet/access.ts";
import { accountingAttributes, openSession, sessionAttributes } from "../../simulators/fleet/session.ts";
import type { NasSession } from "../../simulators/fleet/session.ts";
import type { Member } from "../outage/fleet.ts";
import type { KillableEdge } from "../support/killable-edge.ts";
import { openSwitches } from "./switches.ts";
import type { Port, Switches } from "./switches.ts";
import { SWITCH_SECRET } from "./site.ts";
import type { Site } from "./site.ts";

/** One stay of a client on a port, by the answers that its switch had. */
export interface Stay {
  readonly member: Member;
  readonly outcome: AccessOutcome["kind"];
  readonly vlan: string | undefined;
  /** The event of the Accept, as Class names it. */
  readonly decisionId: EventId | undefined;
  /**
   * How often access may have been decided: more than once where the switch had to begin again, where it asked for so long
   * that an edge may forget, and where the edge died over it, perhaps between its record and its answer.
   */
  readonly decisions: number;
  readonly acctSessionId: string;
  /** Acknowledged accounting, and how often it may have been recorded, as with decisions. */
  readonly accounted: readonly { readonly kind: "start" | "stop"; readonly records: number }[];
}

/** A site's switches, and their books. */
export interface Stays {
  readonly book: readonly Stay[];
  readonly switches: Switches;
  /** Lets a client in, if the edge will, and where accounting is kept, accounts for its coming and going. */
  stay(member: Member): Promise<Stay>;
  /** Notes that the edge has died over all that is under way; answers with the number of devices. */
  interrupt(): number;
  close(): void;
}

export interface StaysOptions {
  /** RFC 5080 §2.2.1 has 2 s. */
  readonly firstRetryMs?: number;
  readonly keepsAccounts: boolean;
}

/** How many events something may have. */
interface Counted {
  events: number;
}

/** A client without an answer begins again, as supplicants and switches do: but not for ever. */
const ATTEMPTS = 20;
/**
 * An edge remembers an answer for ten seconds (RFC 5080 §2.2.2) from when it read the request. One that is behind may read a
 * copy of this age when it has forgotten the first: both were in line before it.
 */
const FORGOTTEN_MS = 6 * SECOND_MS;

/** `edge` is any of its lives. */
export async function openStays(
  site: Site,
  edge: Pick<KillableEdge, "authentication" | "accounting">,
  { firstRetryMs = 2 * SECOND_MS, keepsAccounts }: StaysOptions,
): Promise<Stays> {
  const switches = await openSwitches(site.switches, { secret: SWITCH_SECRET, firstRetryMs });
  const classKey = Buffer.from(deriveKey(site.keys, "radius-class"));
  const book: Stay[] = [];
  const underWay = new Set<Counted>();

  /** Tries again until there is an answer; answers with the last one, and how many events it may have. */
  async function insist<T>(ask: (counted: Counted) => Promise<T>, isAnswer: (answer: T) => boolean) {
    const counted = { events: 1 };
    underWay.add(counted);
    let answer = await ask(counted);
    for (let attempt = 1; attempt < ATTEMPTS && !isAnswer(answer); attempt++) {
      counted.events++;
      answer = await ask(counted);
    }
    underWay.delete(counted);
    return { answer, events: counted.events };
  }

  async function askForAccess(session: NasSession, { nas, radius }: Port) {
    const place = sessionAttributes(session, nas);
    const { answer: outcome, events: decisions } = await insist(
      (counted) =>
        authenticate(session.client, place, {
          secret: SWITCH_SECRET,
          ask: async (attributes) => {
            const startedAt = performance.now();
            const answered = await radius.ask(edge.authentication, "Access-Request", attributes);
            if (performance.now() - startedAt >= FORGOTTEN_MS) counted.events++;
            return answered;
          },
        }),
      ({ kind }) => kind !== "noAnswer",
    );
    return { outcome, decisions };
  }

  async function account(kind: "start" | "stop", session: NasSession, { nas, radius }: Port) {
    const { answer, events: records } = await insist(
      () => {
        const attributes = accountingAttributes(kind, session, nas, { now: Date.now() });
        return radius.ask(edge.accounting, "Accounting-Request", attributes);
      },
      (answered) => answered !== undefined,
    );
    return answer === undefined ? [] : [{ kind, records }];
  }

  async function stayAt(port: Port, member: Member): Promise<Stay> {
    const arrived = openSession(member.client, port.number, Date.now());
    const { outcome, decisions } = await askForAccess(arrived, port);
    const authorization = outcome.kind === "accepted" ? outcome.authorization : undefined;
    const session = { ...arrived, authorization };
    const accounted =
      keepsAccounts && authorization !== undefined
        ? [...(await account("start", session, port)), ...(await account("stop", session, port))]
        : [];
    return {
      member,
      outcome: outcome.kind,
      vlan: authorization?.vlan,
      decisionId: readClass(authorization?.classes ?? [], classKey)?.decisionId,
      decisions,
      acctSessionId: session.acctSessionId,
      accounted,
    };
  }

  return {
    book,
    switches,
    async stay(member) {
      const port = await switches.plug();
      try {
        const stay = await stayAt(port, member);
        book.push(stay);
        return stay;
      } finally {
        switches.unplug(port);
      }
    },
    interrupt() {
      for (const counted of underWay) counted.events++;
      return underWay.size;
    },
    close: () => switches.close(),
  };
}
