/** The skeleton of a JSON value: field names and kinds of value, the kinds of an array's first entry standing for all. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, shapeOf(content)]));
}

/** The fields of `captured` that `simulated` has too, so that the two can be compared field by field. */
export function common(captured: object, simulated: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(captured).filter(([name]) => name in simulated));
}

/** jest's matchers, typed as what they are to a comparison: anything. */
export const anyText: unknown = expect.any(String);
export const like = (form: RegExp): unknown => expect.stringMatching(form);
export const holding = (part: string): unknown => expect.stringContaining(part);
