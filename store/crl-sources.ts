import { sql } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { Store } from "./pool.ts";

/** A place that lists are fetched from. */
export interface CrlSource {
  readonly url: string;
  /** Failures since the last success. */
  readonly failures: number;
}

/** What the setting wants fetched: its URLs, and the distribution points of the CAs in it. */
export interface WantedSources {
  readonly organizationId: OrganizationId;
  readonly urls: readonly string[];
}

/** Every organization's setting, as far as it says what to fetch. */
export async function readCrlSettings(
  store: Store,
): Promise<readonly { readonly organizationId: OrganizationId; readonly cacerts: unknown; readonly urls: unknown }[]> {
  return store.db
    .selectFrom("settings")
    .select([
      "organization_id as organizationId",
      sql<unknown>`setting #> '{mist_nac,cacerts}'`.as("cacerts"),
      sql<unknown>`setting #> '{mist_nac,crl,urls}'`.as("urls"),
    ])
    .execute();
}

/** Makes the sources of origin `setting` what is wanted; what clients showed stays. */
export async function reconcileSources(store: Store, { organizationId, urls }: WantedSources): Promise<void> {
  await store.db.transaction().execute(async (trx) => {
    for (const url of urls) {
      await trx
        .insertInto("crl_sources")
        .values({ organization_id: organizationId, url, origin: "setting" })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await trx
      .deleteFrom("crl_sources")
      .where("organization_id", "=", organizationId)
      .where("origin", "=", "setting")
      .where(sql<boolean>`url <> all(${[...urls]}::text[])`)
      .execute();
  });
}

/** Organizations with a source that is due: those last that have only such as failed before, else longest overdue first. */
export async function organizationsWithDueSources(store: Store, limit: number): Promise<readonly OrganizationId[]> {
  const rows = await store.db
    .selectFrom("crl_sources")
    .select("organization_id as id")
    .where("next_fetch_at", "<=", sql<Date>`now()`)
    .groupBy("organization_id")
    .orderBy((eb) => eb.fn.min("failures"))
    .orderBy((eb) => eb.fn.min("next_fetch_at"))
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** What failed before comes last, that a server which never answers keeps no list waiting; else longest overdue first. */
export async function dueSources(store: Store, organizationId: OrganizationId): Promise<readonly CrlSource[]> {
  return store.db
    .selectFrom("crl_sources")
    .select(["url", "failures"])
    .where("organization_id", "=", organizationId)
    .where("next_fetch_at", "<=", sql<Date>`now()`)
    .orderBy("failures")
    .orderBy("next_fetch_at")
    .orderBy("url")
    .execute();
}

/** Notes how a fetch went. `error`: why it failed, `undefined` when it did not. */
export async function recordFetch(
  store: Store,
  organizationId: OrganizationId,
  url: string,
  outcome: { readonly nextFetchAt: number; readonly error: string | undefined },
): Promise<void> {
  const { nextFetchAt, error } = outcome;
  await store.db
    .updateTable("crl_sources")
    .set({
      next_fetch_at: new Date(nextFetchAt),
      error: error ?? null,
      failures: error === undefined ? 0 : sql<number>`failures + 1`,
      ...(error === undefined ? { fetched_at: sql<Date>`now()` } : {}),
    })
    .where("organization_id", "=", organizationId)
    .where("url", "=", url)
    .execute();
}

/** The sources as people see them, by URL. Times are epoch milliseconds. */
export async function listSources(store: Store, organizationId: OrganizationId) {
  const rows = await store.db
    .selectFrom("crl_sources")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("url")
    .execute();
  return rows.map(({ url, origin, error, fetched_at, next_fetch_at }) => ({
    url,
    origin,
    error: error ?? undefined,
    fetchedAt: fetched_at?.getTime(),
    nextFetchAt: next_fetch_at.getTime(),
  }));
}
