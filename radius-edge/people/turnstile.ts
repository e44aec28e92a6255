/** Lets so many through at once, has so many wait in line, and turns the rest away. */
export interface Turnstile {
  /** What `work` answers; `undefined`, at once, when there is no room in line either. */
  pass<T>(work: () => Promise<T>): Promise<T> | undefined;
}

export function createTurnstile({ atOnce, inLine }: { readonly atOnce: number; readonly inLine: number }): Turnstile {
  let inside = 0;
  const line: (() => void)[] = [];
  const leave = (): void => {
    const next = line.shift();
    // The place is handed on: nobody who comes now can take it before.
    if (next === undefined) inside--;
    else next();
  };
  return {
    pass(work) {
      if (inside >= atOnce && line.length >= inLine) return undefined;
      if (inside < atOnce) {
        inside++;
        return work().finally(leave);
      }
      return new Promise<void>((enter) => line.push(enter)).then(() => work().finally(leave));
    },
  };
}
