import { sql } from "kysely";
import type { NasId, OrganizationId } from "../domain/identifiers.ts";
import type { NasRow } from "./nas-rows.ts";
import type { Trx } from "./pool.ts";

export type NasConflict =
  /** The address overlaps one of another organization, which is not named (behaviour 8.1). */
  | { readonly kind: "overlap"; readonly address: string }
  /** Address and NAS-Identifier are registered already. */
  | { readonly kind: "duplicate"; readonly address: string }
  /** The RadSec identity is registered already, here or elsewhere. */
  | { readonly kind: "radsecTaken"; readonly san: string };

type Claim = Pick<NasRow, "address" | "nas_identifier" | "radsec_issuer" | "radsec_san">;

/**
 * Makes writers wait for each other, so that none can slip an overlap past another's check; readers go on. It comes after
 * the organization's lock: who deletes a NAS takes that one first.
 */
export async function lockNases(trx: Trx): Promise<void> {
  await sql`lock table nases in share row exclusive mode`.execute(trx);
}

/** What stands in the way of an address or a RadSec identity; under `lockNases`. */
export async function nasConflict(
  trx: Trx,
  organizationId: OrganizationId,
  id: NasId,
  claim: Claim,
): Promise<NasConflict | undefined> {
  return (await addressConflict(trx, organizationId, id, claim)) ?? (await radsecConflict(trx, id, claim));
}

async function addressConflict(
  trx: Trx,
  organizationId: OrganizationId,
  id: NasId,
  { address, nas_identifier }: Claim,
): Promise<NasConflict | undefined> {
  if (address === null) return undefined;
  const others = await trx
    .selectFrom("nases")
    .select(["organization_id", "address", "nas_identifier"])
    .where("id", "<>", id)
    .where(sql<boolean>`address && ${address}::cidr`)
    .execute();
  if (others.some((other) => other.organization_id !== organizationId)) return { kind: "overlap", address };
  const twin = others.find((other) => other.address === address && other.nas_identifier === nas_identifier);
  return twin && { kind: "duplicate", address };
}

/** Unique in the installation: the certificate alone says whose NAS is connecting. */
async function radsecConflict(
  trx: Trx,
  id: NasId,
  { radsec_issuer, radsec_san }: Claim,
): Promise<NasConflict | undefined> {
  if (radsec_san === null) return undefined;
  const other = await trx
    .selectFrom("nases")
    .select("id")
    .where("id", "<>", id)
    .where("radsec_issuer", "=", radsec_issuer)
    .where(sql<boolean>`lower(radsec_san) = lower(${radsec_san})`)
    .executeTakeFirst();
  return other && { kind: "radsecTaken", san: radsec_san };
}
