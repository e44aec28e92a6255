import { performance } from "node:perf_hooks";
import type { EapMachine } from "./machine.ts";
import type { Hindrance, TlsThread } from "./tls-runner.ts";

/** What is looked at of one. */
interface Open {
  readonly state: Buffer;
  readonly nas: string;
  readonly machine: Pick<EapMachine, "hasBegun" | "close">;
  /** Of its TLS. */
  readonly thread: TlsThread;
  /** By `performance.now()`, as is `heardAt`: when its last packet came. */
  readonly since: number;
  readonly heardAt: number;
  readonly last: { readonly settled: boolean } | undefined;
}

interface Bounds {
  readonly capacity: number;
  readonly capacityPerNas: number;
  /** From first to last packet. */
  readonly lifetimeMs: number;
  /** How long a client may leave the first Request of a method unanswered while others wait for its place. */
  readonly patienceMs: number;
}

/** No conversation that goes on is this long without a packet: its client has left, or is slow by itself. */
const QUIET_AFTER_MS = 1_500;

/** The open conversations, by the handle that travels with each; each until its end, or the end of its time. */
export class OpenConversations<Conversation extends Open> {
  readonly #bounds: Bounds;
  readonly #onExpiry: (conversation: Conversation) => void;
  /** Oldest first. */
  readonly #table = new Map<string, { readonly conversation: Conversation; readonly expiry: NodeJS.Timeout }>();
  /** Open conversations of each NAS that has any. */
  readonly #counts = new Map<string, number>();

  constructor(bounds: Bounds, onExpiry: (conversation: Conversation) => void) {
    this.#bounds = bounds;
    this.#onExpiry = onExpiry;
  }

  get size(): number {
    return this.#table.size;
  }

  find(state: Buffer): Conversation | undefined {
    return this.#table.get(state.toString("hex"))?.conversation;
  }

  /** The bound that leaves no room for another of this NAS, even if one that was left gives way. */
  boundMet(nas: string): Hindrance | undefined {
    const { capacity, capacityPerNas } = this.#bounds;
    if (this.#isFull() && this.#oldestLeft() === undefined)
      return { reason: "full", sentence: `${capacity} EAP conversations are open, as many as may be.` };
    if (this.#isFull(nas) && this.#oldestLeft(nas) === undefined)
      return {
        reason: "nasFull",
        sentence: `${capacityPerNas} EAP conversations are open for this NAS, as many as may be.`,
      };
    return undefined;
  }

  /** Where no bound is met: one that was left gives way if need be. */
  add(conversation: Conversation): void {
    const { state, nas } = conversation;
    if (this.#isFull()) this.#endOldestLeft();
    if (this.#isFull(nas)) this.#endOldestLeft(nas);
    const expire = (): void => {
      this.#onExpiry(conversation);
      this.end(conversation);
    };
    const expiry = setTimeout(expire, this.#bounds.lifetimeMs).unref();
    this.#table.set(state.toString("hex"), { conversation, expiry });
    this.#counts.set(nas, (this.#counts.get(nas) ?? 0) + 1);
  }

  end({ state, nas, machine }: Conversation): void {
    const key = state.toString("hex");
    clearTimeout(this.#table.get(key)?.expiry);
    if (!this.#table.delete(key)) return;
    const others = this.#counts.get(nas)! - 1;
    if (others === 0) this.#counts.delete(nas);
    else this.#counts.set(nas, others);
    machine.close();
  }

  endAll(): void {
    for (const { conversation } of this.#table.values()) this.end(conversation);
  }

  /** Those of one thread that wait for us, or that we have heard of lately. */
  countUnderWay(thread: TlsThread): number {
    const quietSince = performance.now() - QUIET_AFTER_MS;
    let count = 0;
    for (const { conversation } of this.#table.values()) {
      if (conversation.thread !== thread) continue;
      if (conversation.heardAt > quietSince || conversation.last?.settled === false) count++;
    }
    return count;
  }

  /** Whether there is no room at all, or none for this NAS, unless another gives way. */
  #isFull(nas?: string): boolean {
    const { capacity, capacityPerNas } = this.#bounds;
    return nas === undefined ? this.size >= capacity : (this.#counts.get(nas) ?? 0) >= capacityPerNas;
  }

  #endOldestLeft(nas?: string): void {
    const left = this.#oldestLeft(nas);
    if (left !== undefined) this.end(left);
  }

  /**
   * Whoever can reach a port begins conversations for nothing. Of those that were left at that, all or one NAS's, this gives
   * way first.
   */
  #oldestLeft(nas?: string): Conversation | undefined {
    const before = performance.now() - this.#bounds.patienceMs;
    for (const { conversation } of this.#table.values()) {
      if (conversation.since > before) return undefined;
      if (!conversation.machine.hasBegun && (nas === undefined || conversation.nas === nas)) return conversation;
    }
    return undefined;
  }
}
