/** A LIKE pattern for texts that contain this one, wildcards taken as they stand. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}
