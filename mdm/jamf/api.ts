import type { JamfAccount } from "../../domain/linked-account.ts";
import type { ProviderDeps } from "../provider.ts";
import { createVendorApi, type VendorApi } from "../vendor-api.ts";

/** Where an administrator makes and mends the API client. */
export const ROLES_SCREEN = "Settings → API roles and clients";
/** What the API role needs. */
const PRIVILEGES = "Read Computers, Read Mobile Devices, Read Smart Computer Groups, Read Smart Mobile Device Groups";

/** Version 1 is the documented path; servers before it have the original one of 10.49. */
const TOKEN_PATHS = ["/api/v1/oauth/token", "/api/oauth/token"];

export function createApi(account: JamfAccount, deps: ProviderDeps): VendorApi {
  const { tokenUrl, instanceUrl } = account;
  return createVendorApi(account, deps, {
    service: {
      urls: tokenUrl === undefined ? TOKEN_PATHS.map((path) => instanceUrl + path) : [tokenUrl],
      goesOnAfter: ({ isAbsent }) => isAbsent,
      mending: `client id and secret are not accepted; see ${ROLES_SCREEN}, client enabled`,
    },
    headers: { accept: "application/json" },
    explainRefusal: (status) =>
      status === 401
        ? `Jamf Pro answered 401 to a fresh token; see ${ROLES_SCREEN}, client enabled and with a role`
        : `Jamf Pro answered 403: the API role lacks a privilege; it needs ${PRIVILEGES} (${ROLES_SCREEN})`,
  });
}
