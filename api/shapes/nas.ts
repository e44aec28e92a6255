import type { Static } from "typebox";
import { parseId } from "../../domain/identifiers.ts";
import { parseRadsecIdentity } from "../../domain/nas.ts";
import type { RadsecRegistration } from "../../domain/nas.ts";
import { AUTOMATIC_PROFILE } from "../../domain/nas-profile.ts";
import { secret } from "../../domain/secret.ts";
import type { NasDraft } from "../../store/nas-columns.ts";
import type { NasView, UnopenedNas } from "../../store/nas-rows.ts";
import type { Nas, NasChangeFields, NasFields } from "../schemas/nas.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

/** Reads a whole NAS, with the secrets that are given. */
export function nasDraft(fields: NasFields, profiles: readonly string[]): Parsed<NasDraft> {
  const { profile = AUTOMATIC_PROFILE, site_id: site, radsec } = fields;
  const expiresAt = fields.previous_secret_expires_at;
  const draft = {
    name: fields.name,
    address: fields.address,
    nasIdentifier: fields.nas_identifier,
    secret: fields.secret === undefined ? undefined : secret(fields.secret),
    previousSecretExpiresAt: expiresAt === undefined ? undefined : expiresAt * 1000,
    requireMessageAuthenticator: fields.require_message_authenticator,
    limitProxyState: fields.limit_proxy_state,
    radsec: radsec && parseRadsecIdentity({ ...radsec, issuerKeys: radsec.issuer_keys }),
    profile,
    coaAddress: fields.coa_address,
    coaPort: fields.coa_port,
    coaSecret: fields.coa_secret === undefined ? undefined : secret(fields.coa_secret),
    coaThroughProxy: fields.coa_through_proxy,
    eapMd5: fields.eap_md5,
    siteId: site === undefined ? undefined : parseId(site),
  };
  return parsed(draft, [
    profiles.includes(profile) ? undefined : `there is no profile "${profile}"; there are ${profiles.join(", ")}`,
    site !== undefined && draft.siteId === undefined ? `site_id "${site}" is no UUID` : undefined,
    radsec !== undefined && draft.radsec === undefined
      ? `radsec.issuer "${radsec.issuer}" is no distinguished name such as CN=NAS CA,O=Example`
      : undefined,
  ]);
}

/** A NAS with a change laid over it. A new secret ends the one before, unless the change itself says when. */
export function changedNas(current: NasView, change: NasChangeFields): NasFields {
  const { previous_secret_expires_at: expiry, ...kept } = nasAnswer(current);
  return { ...kept, ...(change.secret === undefined && present({ previous_secret_expires_at: expiry })), ...change };
}

/** `unopened`: the NASes whose secrets do not open. */
export function nasAnswer(nas: NasView, unopened: readonly UnopenedNas[] = []): Static<typeof Nas> {
  return present({
    id: nas.id,
    org_id: nas.organizationId,
    name: nas.name,
    address: nas.address,
    nas_identifier: nas.nasIdentifier,
    require_message_authenticator: nas.requireMessageAuthenticator,
    limit_proxy_state: nas.limitProxyState,
    radsec: nas.radsec && radsecAnswer(nas.radsec),
    previous_secret_expires_at:
      nas.previousSecretExpiresAt === undefined ? undefined : seconds(nas.previousSecretExpiresAt),
    profile: nas.profile,
    coa_address: nas.coaAddress,
    coa_port: nas.coaPort,
    coa_through_proxy: nas.coaThroughProxy,
    eap_md5: nas.eapMd5,
    site_id: nas.siteId,
    secret_fault: unopened.find(({ id }) => id === nas.id)?.sentence,
    created_time: seconds(nas.createdAt),
    modified_time: seconds(nas.modifiedAt),
  });
}

function radsecAnswer({ issuer, san, issuerKeys = [] }: RadsecRegistration) {
  return { issuer, san, ...(issuerKeys.length > 0 && { issuer_keys: [...issuerKeys] }) };
}
