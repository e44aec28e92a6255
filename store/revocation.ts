import type { Kysely } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { DB as Database } from "./database.ts";
import { readIntermediates } from "./intermediates.ts";
import { octetsOf } from "./octets.ts";

/** What an edge tells revoked certificates by, DER. */
export interface RevocationMaterial {
  readonly crls: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
}

export async function readRevocation(
  db: Kysely<Database>,
  organizationId: OrganizationId,
): Promise<RevocationMaterial> {
  const rows = await db
    .selectFrom("crls")
    .select("der")
    .where("organization_id", "=", organizationId)
    .orderBy("id")
    .execute();
  return {
    crls: rows.map(({ der }) => octetsOf(der)),
    intermediates: await readIntermediates(db, organizationId),
  };
}
