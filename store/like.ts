/** A LIKE pattern for texts that contain this one, wildcards taken as they stand. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}

/** A LIKE pattern in which `*` stands for any text, and all else as it stands. */
export function wildcards(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&").replaceAll("*", "%");
}
