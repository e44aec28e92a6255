import { setTimeout as sleep } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import type { Log } from "../runtime/log.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Drop, DropReason } from "./wire/drop-reason.ts";
import { has } from "./wire/exchange.ts";
import { ATTRIBUTE } from "./wire/attribute-type.ts";
import type { Packet } from "./wire/packet.ts";

/**
 * Which requests are taken while there is more to do than can be done in time, or the end is near: what has begun is
 * brought to its end first, since a conversation cut short has cost all and given nothing, and its client begins again.
 */
export interface Admission {
  /** Why this request of this NAS is not taken now; `undefined`: it is in hand until `leave`. */
  enter(packet: Packet, nas: string): Drop | undefined;
  leave(nas: string): void;
  /** Takes nothing new, then nothing at all; resolves when all that was in hand is answered, or after a few seconds. */
  drain(): Promise<void>;
}

export interface AdmissionOptions {
  readonly work: Workload;
  readonly log: Pick<Log, "warn">;
  readonly most?: number;
  readonly mostPerNas?: number;
}

/** What stands between taking a request and answering it. */
interface Workload {
  /** How long the oldest of what waits, for a commit or for cryptography, has waited by now. */
  waitingMs(): number;
  /** EAP conversations that are open. */
  conversations(): number;
}

/** A NAS asks again after 3 to 5 s: what is taken now must be answered well before. */
const SHED_AFTER_MS = SECOND_MS;
/** By now it has asked again, or another server: whatever comes is better asked there. */
const OVERRUN_AFTER_MS = 3 * SECOND_MS;
/** A request in hand takes some 2 KB; this many are answered within a second by an edge that is well. */
const MOST_IN_HAND = 20_000;
const MOST_IN_HAND_PER_NAS = MOST_IN_HAND / 4;
/** Of the most in hand, from where on nothing new is begun. */
const SHED_FROM = 0.75;
/**
 * Of the most in hand, in all and of one NAS, from where on not even conversations go on. The room beyond the bounds is theirs
 * alone, and more than they need: 4,000 are open at most, 1,000 of one NAS (eap/conversation-limits.ts), and none has two
 * packets in hand unless its NAS repeats one under another identifier.
 */
const FULL_FROM = 1.25;
/** For conversations under way, each of which takes its client some tenths of a second. */
const FINISH_MS = 5 * SECOND_MS;
/** No conversation that goes on is this long without a packet; those that are open still were left by their clients. */
const ABANDONED_AFTER_MS = 1_500;
/** For answers under way: a commit that Postgres does not take goes to the journal within half a second. */
const ANSWER_MS = 3 * SECOND_MS;

type Pressure = "none" | "shedding" | "overrun" | "full" | "draining" | "closed";
/** `begins` costs most and loses least; accounting `reports` what the NAS will forget; `asks` is Status-Server. */
type Kind = "begins" | "continues" | "reports" | "asks";

const REFUSED: Readonly<Record<Pressure, Readonly<Record<Kind, DropReason | undefined>>>> = {
  none: { begins: undefined, continues: undefined, reports: undefined, asks: undefined },
  shedding: { begins: "overload", continues: undefined, reports: undefined, asks: undefined },
  // No other server can go on with a conversation of ours, and they become fewer while none begins.
  overrun: { begins: "overload", continues: undefined, reports: "overload", asks: "overload" },
  full: { begins: "overload", continues: "overload", reports: "overload", asks: "overload" },
  // RFC 5997 §3: the answer to Status-Server would invite what is not taken.
  draining: { begins: "shutting-down", continues: undefined, reports: undefined, asks: "shutting-down" },
  closed: { begins: "shutting-down", continues: "shutting-down", reports: "shutting-down", asks: "shutting-down" },
};

export function createAdmission(options: AdmissionOptions): Admission {
  const { work, log, most = MOST_IN_HAND, mostPerNas = MOST_IN_HAND_PER_NAS } = options;
  /** Known NASes only, and so no more than there are of them. */
  const perNas = new Map<string, number>();
  let inHand = 0;
  let end: "draining" | "closed" | undefined;
  let drained: Promise<void> | undefined;
  let continuedAt = 0;
  let toldAt = -Infinity;

  const pressure = (): Pressure => {
    if (end !== undefined) return end;
    if (inHand >= most * FULL_FROM) return "full";
    const waitingMs = work.waitingMs();
    if (inHand >= most || waitingMs >= OVERRUN_AFTER_MS) return "overrun";
    return inHand >= most * SHED_FROM || waitingMs >= SHED_AFTER_MS ? "shedding" : "none";
  };
  const tell = (): void => {
    if (performance.now() - toldAt < MINUTE_MS) return;
    toldAt = performance.now();
    log.warn({ inHand, waitingMs: Math.round(work.waitingMs()) }, "overload: what begins anew is dropped");
  };
  const drain = async (): Promise<void> => {
    end = "draining";
    continuedAt = performance.now();
    await until(() => work.conversations() === 0 || performance.now() - continuedAt > ABANDONED_AFTER_MS, FINISH_MS);
    end = "closed";
    await until(() => inHand === 0, ANSWER_MS);
  };

  return {
    enter(packet, nas) {
      const kind = kindOf(packet);
      const reason = REFUSED[pressure()][kind];
      if (reason === "overload") tell();
      if (reason !== undefined) return drop(reason);
      const ofNas = perNas.get(nas) ?? 0;
      if (ofNas >= (kind === "continues" ? mostPerNas * FULL_FROM : mostPerNas)) return drop("nas-overload");
      perNas.set(nas, ofNas + 1);
      inHand++;
      if (kind === "continues") continuedAt = performance.now();
      return undefined;
    },
    leave(nas) {
      inHand--;
      perNas.set(nas, (perNas.get(nas) ?? 1) - 1);
    },
    drain: () => (drained ??= drain()),
  };
}

/** RFC 2865 §5.24: a State comes back only within the exchange that it was made for, and ours are made for EAP alone. */
function kindOf(packet: Packet): Kind {
  if (packet.code === "Status-Server") return "asks";
  if (packet.code !== "Access-Request") return "reports";
  return has(packet, ATTRIBUTE.State) && has(packet, ATTRIBUTE.EapMessage) ? "continues" : "begins";
}

async function until(fact: () => boolean, patienceMs: number): Promise<void> {
  for (const end = performance.now() + patienceMs; !fact() && performance.now() < end;) await sleep(10);
}
