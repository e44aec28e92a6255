import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** This product's version, from the package.json above this file: one folder up in the sources, two in dist/. */
export function readVersion(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return version;
}
