/** A section's key in a record: "USER_AND_LOCATION" is `userAndLocation`. */
function sectionKey(section: string): string {
  return section.toLowerCase().replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
}

export type SectionChoice =
  | { readonly kind: "sections"; readonly sections: readonly string[] }
  | { readonly kind: "unknown"; readonly section: string };

/** The sections asked for, repeated or comma-separated; without any, `GENERAL`. */
export function chosenSections(asked: readonly string[], known: readonly string[]): SectionChoice {
  const unknown = asked.find((section) => !known.includes(section));
  if (unknown !== undefined) return { kind: "unknown", section: unknown };
  return { kind: "sections", sections: asked.length === 0 ? ["GENERAL"] : asked };
}

/** Sections not asked for are there, and null: the server's habit, not its schema's. */
export function sectionFields(
  known: readonly string[],
  asked: readonly string[],
  content: (section: string) => unknown,
): Record<string, unknown> {
  const fields = known.map(
    (section) => [sectionKey(section), asked.includes(section) ? content(section) : null] as const,
  );
  return Object.fromEntries(fields);
}
