import { parseId } from "../../domain/identifiers.ts";
import { notFound } from "../failure.ts";

/** What a request's text was read as, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "faulty"; readonly faults: readonly string[] };

export function parsed<T>(value: T, faults: readonly (string | undefined)[] = []): Parsed<T> {
  const found = faults.filter((fault) => fault !== undefined);
  return found.length === 0 ? { kind: "ok", value } : { kind: "faulty", faults: found };
}

/** The id in a path; one that is no UUID names nothing. Throws ApiFailure 404. */
export function pathId<Id extends string>(noun: string, text: string): Id {
  const id = parseId<Id>(text);
  if (id === undefined) throw notFound(noun, text);
  return id;
}
