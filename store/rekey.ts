import { sql } from "kysely";
import type { Store, Trx } from "./pool.ts";
import { SEALED_COLUMNS } from "./sealed-columns.ts";
import type { SealedColumn } from "./sealed-columns.ts";

export interface Rekeyed {
  /** Sealed anew. */
  readonly resealed: number;
  /** Sealed with the current key before. */
  readonly kept: number;
  /** Sentences of those that no key opens. */
  readonly unopened: readonly string[];
}

interface Row {
  readonly id: string;
  readonly sealed: string;
}

/** Rows of one transaction: each holds up whoever changes one of them. */
const BATCH = 100;

/**
 * Seals every secret anew with the current master key, `kid`, that is not sealed with it yet: after an interruption a
 * second run goes on. Once nothing is left under another key, the canaries of the others go, so that a process which has
 * only an old key is told. `kidOf` reads a sealed text's key id.
 */
export async function rekey(
  store: Store,
  kid: string,
  kidOf: (sealed: string) => string | undefined,
): Promise<Rekeyed> {
  let [resealed, kept] = [0, 0];
  const unopened: string[] = [];
  for (const column of SEALED_COLUMNS) {
    let after: string | undefined;
    for (let size = BATCH; size === BATCH;) {
      const rows = await store.db.transaction().execute(async (trx) => {
        const found = await readRows(trx, column, after);
        for (const row of found) {
          if (kidOf(row.sealed) === kid) kept++;
          else if (await reseal(store, trx, column, row, unopened)) resealed++;
        }
        return found;
      });
      size = rows.length;
      after = rows.at(-1)?.id;
    }
  }
  if (unopened.length === 0) await store.db.deleteFrom("key_canaries").where("kid", "!=", kid).execute();
  return { resealed, kept, unopened };
}

async function readRows(trx: Trx, { table, column, id }: SealedColumn, after = ""): Promise<readonly Row[]> {
  // What the update will take, before any row: whoever locks the table to change a row (nas-conflict.ts) waits outside.
  await sql`lock table ${sql.table(table)} in row exclusive mode`.execute(trx);
  const { rows } = await sql<Row>`
    select ${sql.ref(id)}::text as id, ${sql.ref(column)} as sealed from ${sql.table(table)}
    where ${sql.ref(column)} is not null and ${sql.ref(id)}::text > ${after}
    order by ${sql.ref(id)}::text limit ${BATCH}
    for no key update
  `.execute(trx);
  return rows;
}

async function reseal(
  { seals }: Store,
  trx: Trx,
  { table, column, id, contextOf }: SealedColumn,
  row: Row,
  unopened: string[],
): Promise<boolean> {
  const context = contextOf(row.id);
  const opened = await seals.open(row.sealed, context).catch((error: unknown) => {
    unopened.push(error instanceof Error ? error.message : String(error));
    return undefined;
  });
  if (opened === undefined) return false;
  const sealed = await seals.seal(opened, context);
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where ${sql.ref(id)} = ${row.id}::uuid`.execute(
    trx,
  );
  return true;
}
