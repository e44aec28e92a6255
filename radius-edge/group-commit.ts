/** One writer at a time: whatever gathers while it writes is its next batch. */
export interface GroupCommit<Item> {
  /** Settles as the batch does that the item is in. */
  add(item: Item): Promise<void>;
  /** Writes what waits, if anything; `onIdle` is told in any case. */
  wake(): Promise<void>;
  /** How long the oldest item that is not written yet has waited. */
  waitingMs(): number;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly since: number;
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
  const waiting: Waiting<Item>[] = [];
  let writing: Promise<void> | undefined;
  /** When the oldest item of the batch under way was added. */
  let writingSince: number | undefined;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      writingSince = batch[0]!.since;
      await commit(batch.map(({ item }) => item)).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
    writingSince = undefined;
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
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, since: performance.now(), resolve, reject });
        void wake();
      }),
    wake,
    waitingMs() {
      const since = writingSince ?? waiting[0]?.since;
      return since === undefined ? 0 : performance.now() - since;
    },
  };
}
