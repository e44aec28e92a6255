/** Filters of the Jamf Pro API ("Filtering with RSQL"). Values are always quoted: a bare parenthesis is a 500 there. */

export function equals(field: string, value: string): string {
  return `${field}==${quoted(value)}`;
}

export function isIn(field: string, values: readonly string[]): string {
  return `${field}=in=(${values.map(quoted).join(",")})`;
}

export function both(first: string, second: string): string {
  return `${first} and ${second}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
