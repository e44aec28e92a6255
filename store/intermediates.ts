import type { Kysely } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { DB as Database } from "./database.ts";
import { octetsOf } from "./octets.ts";
import type { Store } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";

/** What a client of a trusted authority has shown beside its own certificate. */
export interface Shown {
  /** Intermediate authorities, by SHA-256 of the certificate (hexadecimal): DER. */
  readonly intermediates: ReadonlyMap<string, Uint8Array>;
  /** Distribution points of the certificates in its chain, http or https. */
  readonly crlUrls: readonly string[];
}

/** More than any organization has; a CA that names a list of its own in each certificate stops here. */
const MOST = 64;

/** Keeps what is new of it, up to 64 of each, and tells the edges of new authorities. */
export async function noteShown(store: Store, organizationId: OrganizationId, shown: Shown): Promise<void> {
  await store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const isRoomIn = async (table: "crl_sources" | "intermediate_authorities"): Promise<boolean> => {
      const query = trx.selectFrom(table).select((eb) => eb.fn.countAll<number>().as("count"));
      const { count } = await query.where("organization_id", "=", organizationId).executeTakeFirstOrThrow();
      return Number(count) < MOST;
    };
    for (const url of shown.crlUrls) {
      if (!(await isRoomIn("crl_sources"))) break;
      await trx
        .insertInto("crl_sources")
        .values({ organization_id: organizationId, url, origin: "certificate" })
        // One that the setting named first is from now on the clients', and outlives the setting: an edge tells of it once.
        .onConflict((conflict) => conflict.columns(["organization_id", "url"]).doUpdateSet({ origin: "certificate" }))
        .execute();
    }
    let isChanged = false;
    for (const [fingerprint, der] of shown.intermediates) {
      if (!(await isRoomIn("intermediate_authorities"))) break;
      const { numInsertedOrUpdatedRows = 0n } = await trx
        .insertInto("intermediate_authorities")
        .values({ organization_id: organizationId, fingerprint, certificate: Buffer.from(der) })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      isChanged ||= numInsertedOrUpdatedRows > 0n;
    }
    if (isChanged) await bumpRevision(trx, organizationId, "revocation");
  });
}

/** DER, oldest first. */
export async function readIntermediates(
  db: Kysely<Database>,
  organizationId: OrganizationId,
): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom("intermediate_authorities")
    .select("certificate")
    .where("organization_id", "=", organizationId)
    .orderBy("noted_at")
    .orderBy("fingerprint")
    .execute();
  return rows.map(({ certificate }) => octetsOf(certificate));
}
