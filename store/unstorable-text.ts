import pg from "pg";

/** PostgreSQL manual, appendix A: character_not_in_repertoire. */
const NOT_IN_REPERTOIRE = "22021";

/** True when a statement failed because of a text with U+0000 in it, which no column of type text holds. */
export function isUnstorableText(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === NOT_IN_REPERTOIRE;
}
