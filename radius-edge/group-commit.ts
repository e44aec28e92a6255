/** One writer at a time: whatever gathers while it writes is its next batch. */
export interface GroupCommit<Item> {
  /** Settles as the batch does that the item is in. */
  add(item: Item): Promise<void>;
  /** Writes what waits, if anything; `onIdle` is told in any case. */
  wake(): Promise<void>;
}

interface Waiting<Item> {
  readonly item: Item;
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

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      await commit(batch.map(({ item }) => item)).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
    onIdle();
  };
  const wake = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting.length > 0) void wake();
    });
    return writing;
  };
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        void wake();
      }),
    wake,
  };
}
