/** One writer at a time: whatever gathers while it writes is its next batch. */
export interface GroupCommit<Item> {
  /** Settles as the batch does that the item is in. */
  add(item: Item): Promise<void>;
  /** Writes what waits, if anything; `onIdle` is told in any case. */
  wake(): Promise<void>;
  /** How long the oldest item that is not written yet has waited. */
  waitingMs(): number;
}

/** Items that are written together, and the one promise of them all. */
interface Batch<Item> {
  readonly items: Item[];
  /** When the first was added. */
  readonly since: number;
  readonly written: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit<Item>(options: {
  readonly commit: (items: readonly Item[]) => Promise<void>;
  /** Items in one batch. */
  readonly most: number;
  /** Nothing waits, in this turn of the event loop. */
  readonly onIdle: () => void;
}): GroupCommit<Item> {
  const { commit, most, onIdle } = options;
  const waiting: Batch<Item>[] = [];
  let underWay: Batch<Item> | undefined;
  let writing: Promise<void> | undefined;

  const write = async (batch: Batch<Item>): Promise<() => void> => {
    try {
      await commit(batch.items);
      return batch.resolve;
    } catch (error) {
      return () => batch.reject(error);
    }
  };
  /** Begins the next batch; resolves, with what settles it, once it is written or not. */
  const writeNext = (): Promise<() => void> | undefined => {
    underWay = waiting.shift();
    return underWay && write(underWay);
  };
  const writeAll = async (): Promise<void> => {
    for (let written = writeNext(); written !== undefined;) {
      const settle = await written;
      // The next is on its way before the answers of this one are made, or the writer would wait for all of them; pg-pool takes
      // a tick to hand out a connection.
      written = writeNext();
      process.nextTick(settle);
    }
    onIdle();
  };
  const wake = (): Promise<void> => {
    // Not before the end of this turn: what else comes in it goes along.
    writing ??= Promise.resolve()
      .then(writeAll)
      .finally(() => {
        writing = undefined;
        if (waiting.length > 0) void wake();
      });
    return writing;
  };
  return {
    add(item) {
      let last = waiting.at(-1);
      if (last === undefined || last.items.length >= most) waiting.push((last = newBatch()));
      last.items.push(item);
      void wake();
      return last.written;
    },
    wake,
    waitingMs() {
      const oldest = underWay ?? waiting[0];
      return oldest === undefined ? 0 : performance.now() - oldest.since;
    },
  };
}

function newBatch<Item>(): Batch<Item> {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const written = new Promise<void>((whenWritten, whenNot) => {
    resolve = whenWritten;
    reject = whenNot;
  });
  return { items: [], since: performance.now(), written, resolve, reject };
}
