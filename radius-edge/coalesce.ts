/**
 * Runs `work` for one key once at a time; what is asked for meanwhile is one more run after it, so that a burst of news costs
 * two. Resolves when the run that was asked for has ended; a failure goes to `onError` and rejects nothing.
 */
export function coalesce<Key>(
  work: (key: Key) => Promise<void>,
  onError: (key: Key, error: unknown) => void,
): (key: Key) => Promise<void> {
  const running = new Map<Key, { isAskedAgain: boolean; readonly done: Promise<void> }>();
  const run = async (key: Key): Promise<void> => {
    do {
      running.get(key)!.isAskedAgain = false;
      await work(key).catch((error: unknown) => onError(key, error));
    } while (running.get(key)!.isAskedAgain);
    running.delete(key);
  };
  return (key) => {
    const current = running.get(key);
    if (current !== undefined) {
      current.isAskedAgain = true;
      return current.done;
    }
    const done = Promise.resolve().then(() => run(key));
    running.set(key, { isAskedAgain: false, done });
    return done;
  };
}
