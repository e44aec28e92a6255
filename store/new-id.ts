import { randomBytes } from "node:crypto";
import { uuidV7 } from "../domain/identifiers.ts";

/** A fresh UUIDv7 for a row that this process makes. */
export function newId<Id extends string>(): Id {
  return uuidV7<Id>(Date.now(), randomBytes(10));
}
