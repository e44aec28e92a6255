export interface XmlStyle {
  /** Whether a list starts with its length, as `<size>`. */
  readonly sizes: boolean;
  /** Names of list entries that are not their list's name without the s. */
  readonly entries: Readonly<Record<string, string>>;
}

const PLAIN: XmlStyle = { sizes: false, entries: {} };

/**
 * An XML document of a JSON value, as both vendors derive theirs: an object's fields become child elements, an array is
 * one element of its name around one child per entry, whose name is the array's in the singular.
 */
export function toXml(rootElement: string, value: object, style: XmlStyle = PLAIN): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(rootElement, value, style)}`;
}

function element(name: string, value: unknown, style: XmlStyle): string {
  if (value === null || value === undefined || value === "") return `<${name}/>`;
  if (Array.isArray(value)) return list(name, value, style);
  if (typeof value !== "object") return `<${name}>${escaped(String(value as string | number | boolean))}</${name}>`;
  const fields = Object.entries(value).map(([field, content]) => element(field, content, style));
  return `<${name}>${fields.join("")}</${name}>`;
}

function list(name: string, values: readonly unknown[], style: XmlStyle): string {
  const size = style.sizes ? `<size>${values.length}</size>` : "";
  const entry = style.entries[name] ?? name.replace(/s$/, "");
  return `<${name}>${size}${values.map((value) => element(entry, value, style)).join("")}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
