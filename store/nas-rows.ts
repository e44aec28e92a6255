import type { Selectable } from "kysely";
import type { NasId } from "../domain/identifiers.ts";
import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";
import type { Nases } from "./database.ts";
import { unopenedSentence } from "./seals.ts";
import type { Seals } from "./seals.ts";

type NasSecrets = "secret" | "previousSecret" | "coaSecret";

/** A NAS as people see it: its secrets stay sealed. */
export type NasView = Omit<Nas, NasSecrets> & {
  /** Until when the secret before the present one holds; epoch milliseconds. */
  readonly previousSecretExpiresAt: number | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
};

export type NasRow = Selectable<Nases>;

/** What the secrets of a NAS are sealed for. */
export function nasContext(id: NasId): string {
  return `nas:${id}`;
}

export function nasView(row: NasRow): NasView {
  return {
    ...nasOf(row),
    previousSecretExpiresAt: row.previous_secret_expires_at?.getTime(),
    createdAt: row.created_at.getTime(),
    modifiedAt: row.modified_at.getTime(),
  };
}

/** A NAS with a secret that no key of this process opens. */
export interface UnopenedNas {
  readonly id: NasId;
  readonly name: string;
  /** Why, and what to do. */
  readonly sentence: string;
}

/** With its secrets, for an edge. */
export async function openNas(row: NasRow, seals: Seals): Promise<Nas | UnopenedNas> {
  try {
    return await opened(row, seals);
  } catch (error) {
    return { id: row.id, name: row.name, sentence: unopenedSentence(error, "set the secrets of the NAS anew") };
  }
}

async function opened(row: NasRow, seals: Seals): Promise<Nas> {
  const open = async (sealed: string | null): Promise<Secret | undefined> =>
    sealed === null ? undefined : seals.open(sealed, nasContext(row.id));
  const expiresAt = row.previous_secret_expires_at?.getTime();
  // One that holds no longer need not open.
  const previous = (expiresAt ?? 0) > Date.now() ? await open(row.previous_secret_sealed) : undefined;
  return {
    ...nasOf(row),
    secret: await open(row.secret_sealed),
    previousSecret: previous === undefined || expiresAt === undefined ? undefined : { secret: previous, expiresAt },
    coaSecret: await open(row.coa_secret_sealed),
  };
}

function nasOf(row: NasRow): Omit<Nas, NasSecrets> {
  const { radsec_issuer: issuer, radsec_san: san, radsec_issuer_keys: issuerKeys } = row;
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    address: row.address ?? undefined,
    nasIdentifier: row.nas_identifier ?? undefined,
    requireMessageAuthenticator: row.require_message_authenticator,
    limitProxyState: row.limit_proxy_state,
    radsec: issuer === null || san === null ? undefined : { issuer, san, issuerKeys },
    profile: row.profile,
    coaAddress: row.coa_address ?? undefined,
    coaPort: row.coa_port ?? undefined,
    coaThroughProxy: row.coa_through_proxy,
    eapMd5: row.eap_md5,
    siteId: row.site_id ?? undefined,
  };
}
