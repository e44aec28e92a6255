/**
 * An XML document of a JSON value, as both vendors derive theirs: an object's fields become child elements, an array is
 * one element of its name around one child per entry, whose name is the array's without its plural s.
 */
export function toXml(rootElement: string, value: object): string {
  return `<?xml version="1.0" encoding="utf-8"?>${element(rootElement, value)}`;
}

function element(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return `<${name}/>`;
  if (Array.isArray(value))
    return `<${name}>${value.map((entry) => element(singular(name), entry)).join("")}</${name}>`;
  if (typeof value === "object") {
    const fields = Object.entries(value).map(([field, content]) => element(field, content));
    return `<${name}>${fields.join("")}</${name}>`;
  }
  return `<${name}>${escaped(String(value as string | number | boolean))}</${name}>`;
}

function singular(name: string): string {
  if (name === "criteria") return "criterion";
  return name.endsWith("s") ? name.slice(0, -1) : name;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
