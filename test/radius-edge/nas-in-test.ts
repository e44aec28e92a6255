import type { NasId, OrganizationId } from "../../domain/identifiers.ts";
import type { Nas } from "../../domain/nas.ts";
import { newId } from "../../radius-edge/authentication-record.ts";
import { SECRET } from "./wire/make.ts";

/** A NAS as an edge has it, all by default but for `change`. */
export function nasOf(change: Partial<Nas> = {}): Nas {
  return {
    id: newId<NasId>(Date.now()),
    organizationId: newId<OrganizationId>(Date.now()),
    name: "ap",
    address: "192.0.2.1/32",
    nasIdentifier: undefined,
    secret: SECRET,
    previousSecret: undefined,
    requireMessageAuthenticator: "auto",
    limitProxyState: "auto",
    radsec: undefined,
    profile: "standard",
    coaAddress: undefined,
    coaPort: undefined,
    coaSecret: undefined,
    coaThroughProxy: false,
    eapMd5: false,
    siteId: undefined,
    ...change,
  };
}
