/** The parameters of a request's query. Names are compared without case where the vendor does so. */
export interface Query {
  /** The first value, or `undefined`. */
  one(name: string): string | undefined;
  /** Every value, of repeated parameters and of comma-separated ones. */
  list(name: string): readonly string[];
}

export function readQuery(url: string, names: "exact" | "anyCase"): Query {
  const spelled = (name: string): string => (names === "exact" ? name : name.toLowerCase());
  const entries = [...new URL(url, "http://simulator").searchParams].map(([name, value]) => ({
    name: spelled(name),
    value,
  }));
  const all = (name: string): string[] => entries.filter((e) => e.name === spelled(name)).map((e) => e.value);
  return {
    one: (name) => all(name)[0],
    list: (name) =>
      all(name)
        .flatMap((value) => value.split(","))
        .map((value) => value.trim()),
  };
}

/** A whole number from 0 up, or `otherwise` when the parameter is absent or is none. */
export function countOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}
