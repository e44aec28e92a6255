/** Those who wait for their turn: of one NAS the oldest first, and the NASes by turns, so that none waits behind another's many. */
export class WaitingLine<Waiting> {
  /** Of each NAS that has any, oldest first; the NAS whose turn is next comes first. */
  readonly #queues = new Map<string, Waiting[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(nas: string): number {
    return this.#queues.get(nas)?.length ?? 0;
  }

  push(nas: string, one: Waiting): void {
    const queue = this.#queues.get(nas);
    if (queue === undefined) this.#queues.set(nas, [one]);
    else queue.push(one);
    this.#size++;
  }

  /** Takes out whose turn it is. */
  shift(): Waiting | undefined {
    const [turn] = this.#queues;
    if (turn === undefined) return undefined;
    const [nas, queue] = turn;
    const next = queue.shift();
    this.#size--;
    this.#queues.delete(nas);
    if (queue.length > 0) this.#queues.set(nas, queue);
    return next;
  }

  /** Takes out all that are late; of one NAS, who came first is late first. */
  takeLate(isLate: (one: Waiting) => boolean): readonly Waiting[] {
    const late: Waiting[] = [];
    for (const [nas, queue] of this.#queues) {
      const inTime = queue.findIndex((one) => !isLate(one));
      late.push(...queue.splice(0, inTime < 0 ? queue.length : inTime));
      if (queue.length === 0) this.#queues.delete(nas);
    }
    this.#size -= late.length;
    return late;
  }
}
