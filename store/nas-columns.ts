import type { NasId } from "../domain/identifiers.ts";
import type { Demand, RadsecRegistration } from "../domain/nas.ts";
import { reveal } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import { parseNasAddress } from "./nas-address.ts";
import { nasContext } from "./nas-rows.ts";
import type { NasRow } from "./nas-rows.ts";
import type { Trx } from "./pool.ts";
import type { Seals } from "./seals.ts";

export interface NasDraft {
  readonly name: string;
  /** IP address or prefix. */
  readonly address?: string | undefined;
  readonly nasIdentifier?: string | undefined;
  /** Wanted with an address. In an update an absent one stays, and so does an absent `coaSecret`. */
  readonly secret?: Secret | undefined;
  /** Until when the secret before this one goes on holding, if at all; epoch milliseconds. */
  readonly previousSecretExpiresAt?: number | undefined;
  readonly requireMessageAuthenticator?: Demand | undefined;
  readonly limitProxyState?: Demand | undefined;
  readonly radsec?: RadsecRegistration | undefined;
  readonly profile: string;
  readonly coaAddress?: string | undefined;
  readonly coaPort?: number | undefined;
  readonly coaSecret?: Secret | undefined;
  readonly coaThroughProxy?: boolean | undefined;
  readonly eapMd5?: boolean | undefined;
  readonly siteId?: string | undefined;
}

/** A draft as columns, with the secrets that it has. */
export async function nasColumns(trx: Trx, seals: Seals, id: NasId, draft: NasDraft) {
  const parsed = await parseNasAddress(trx, draft);
  if (parsed.kind !== "ok") return parsed;
  const seal = (secret: Secret): Promise<string> => seals.seal(secret, nasContext(id));
  return {
    name: draft.name,
    address: parsed.address,
    nas_identifier: draft.nasIdentifier ?? null,
    require_message_authenticator: draft.requireMessageAuthenticator ?? "auto",
    limit_proxy_state: draft.limitProxyState ?? "auto",
    radsec_issuer: draft.radsec?.issuer ?? null,
    radsec_san: parsed.san,
    radsec_issuer_keys: [...(draft.radsec?.issuerKeys ?? [])],
    profile: draft.profile,
    coa_address: parsed.coaAddress,
    coa_port: draft.coaPort ?? null,
    coa_through_proxy: draft.coaThroughProxy ?? false,
    eap_md5: draft.eapMd5 ?? false,
    site_id: draft.siteId ?? null,
    ...(draft.secret && { secret_sealed: await seal(draft.secret) }),
    ...(draft.coaSecret && { coa_secret_sealed: await seal(draft.coaSecret) }),
  } satisfies Partial<NasRow>;
}

/** An address proves nothing without a secret; a RadSec identity is proved by TLS. The table has the same check. */
export function isProvable(
  columns: Pick<NasRow, "address" | "radsec_san"> & { readonly secret_sealed?: string | null },
): boolean {
  return columns.address === null ? columns.radsec_san !== null : (columns.secret_sealed ?? null) !== null;
}

/**
 * The secrets of a NAS after an update that brings `sealed`, or none. The one before goes on holding for as long as the
 * draft says, so that the NAS may be changed meanwhile; a repeated update is no second change.
 */
export async function rotatedSecrets(
  before: NasRow,
  sealed: string | undefined,
  draft: NasDraft,
  seals: Seals,
): Promise<Pick<NasRow, "secret_sealed" | "previous_secret_sealed" | "previous_secret_expires_at">> {
  const present = sealed === undefined ? undefined : await presentSecret(before, seals);
  const isNew = sealed !== undefined && !(present && draft.secret && reveal(present) === reveal(draft.secret));
  // One that does not open proves nothing any more.
  const replaced = present && before.secret_sealed;
  const previous = isNew ? (replaced ?? null) : before.previous_secret_sealed;
  const { previousSecretExpiresAt: expiresAt } = draft;
  const holds = previous !== null && expiresAt !== undefined && expiresAt > Date.now();
  return {
    secret_sealed: isNew ? sealed : before.secret_sealed,
    previous_secret_sealed: holds ? previous : null,
    previous_secret_expires_at: holds ? new Date(expiresAt) : null,
  };
}

/** `undefined` where there is none, or no key opens it: a new one is the way out of that. */
function presentSecret({ id, secret_sealed: sealed }: NasRow, seals: Seals): Promise<Secret | undefined> {
  if (sealed === null) return Promise.resolve(undefined);
  return seals.open(sealed, nasContext(id)).catch(() => undefined);
}
