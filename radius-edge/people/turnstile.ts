/** Lets so many through at once, has so many wait in line for as long as each can, and turns the rest away. */
export interface Turnstile {
  /**
   * What `work` answers. `undefined`, and `work` has not begun: there was no room in line either, or no place came free
   * within `patienceMs`. Nobody waits where there is a place.
   */
  pass<T>(work: () => Promise<T>, patienceMs: number): Promise<T | undefined>;
}

export function createTurnstile({ atOnce, inLine }: { readonly atOnce: number; readonly inLine: number }): Turnstile {
  let inside = 0;
  /** In the order of their coming. */
  const line = new Set<() => void>();
  const leave = (): void => {
    const [next] = line;
    // The place is handed on: nobody who comes now can take it before.
    if (next === undefined) inside--;
    else next();
  };
  /** False: time was up before. */
  const place = (patienceMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (hasPlace: boolean): void => {
        clearTimeout(timer);
        line.delete(enter);
        resolve(hasPlace);
      };
      const enter = (): void => end(true);
      const timer = setTimeout(end, patienceMs, false);
      line.add(enter);
    });
  return {
    async pass(work, patienceMs) {
      if (inside < atOnce) inside++;
      else if (line.size >= inLine || patienceMs <= 0 || !(await place(patienceMs))) return undefined;
      return work().finally(leave);
    },
  };
}
