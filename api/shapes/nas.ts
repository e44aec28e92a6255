import type { Static } from "typebox";
import { parseId } from "../../domain/identifiers.ts";
import type { NasDraft, NasView } from "../../store/nases.ts";
import type { Nas, NasFields } from "../schemas/nas.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

const DEFAULT_PROFILE = "standard";

/** Reads a whole NAS, without its secret. */
export function nasDraft(fields: NasFields, profiles: readonly string[]): Parsed<Omit<NasDraft, "secret">> {
  const { profile = DEFAULT_PROFILE, site_id: site } = fields;
  const draft = {
    name: fields.name,
    address: fields.address,
    nasIdentifier: fields.nas_identifier,
    profile,
    coaAddress: fields.coa_address,
    coaPort: fields.coa_port,
    siteId: site === undefined ? undefined : parseId(site),
  };
  return parsed(draft, [
    profiles.includes(profile) ? undefined : `there is no profile "${profile}"; there are ${profiles.join(", ")}`,
    site !== undefined && draft.siteId === undefined ? `site_id "${site}" is no UUID` : undefined,
  ]);
}

export function nasAnswer(nas: NasView): Static<typeof Nas> {
  return present({
    id: nas.id,
    org_id: nas.organizationId,
    name: nas.name,
    address: nas.address,
    nas_identifier: nas.nasIdentifier,
    profile: nas.profile,
    coa_address: nas.coaAddress,
    coa_port: nas.coaPort,
    site_id: nas.siteId,
    created_time: seconds(nas.createdAt),
    modified_time: seconds(nas.modifiedAt),
  });
}
