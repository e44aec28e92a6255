import { reveal } from "../../domain/secret.ts";
import type { WorkspaceOneAccount } from "../../domain/linked-account.ts";
import { textAt } from "../json.ts";
import type { ProviderDeps } from "../provider.ts";
import { createVendorApi, type VendorApi } from "../vendor-api.ts";
import { tokenUrls } from "./token-urls.ts";

/** Where an administrator makes and mends the API client. */
const OAUTH_SCREEN = "Groups & Settings → Configurations → OAuth Client Management";
const TENANT_CODE_SCREEN = "All Settings → System → Advanced → API → REST API";

/** UEM answers XML unless JSON is asked for; the parameter picks the version of the API. */
const JSON_VERSION_1 = "application/json;version=1";

/** The tenant code names no organization group. */
const BAD_TENANT_CODE = "1013";

export function createApi(account: WorkspaceOneAccount, deps: ProviderDeps): VendorApi {
  const { tenantCode } = account;
  return createVendorApi(account, deps, {
    service: {
      urls: account.tokenUrl === undefined ? tokenUrls(account.instanceUrl) : [account.tokenUrl],
      // A region refuses another region's clients as it refuses a wrong secret: only the last word of all counts.
      goesOnAfter: () => true,
      mending: `client id and secret are not accepted; see ${OAUTH_SCREEN}, status enabled`,
    },
    headers: {
      accept: JSON_VERSION_1,
      ...(tenantCode === undefined ? {} : { "aw-tenant-code": reveal(tenantCode) }),
    },
    explainRefusal: (status, body) => explainRefusal(status, textAt(body, "errorCode"), tenantCode !== undefined),
  });
}

/** Codes are quoted, messages are not: they may hold the tenant code, which is a secret. */
function explainRefusal(status: 401 | 403, errorCode: string | undefined, hasTenantCode: boolean): string {
  const code = errorCode !== undefined && /^\d{1,6}$/.test(errorCode) ? ` (error ${errorCode})` : "";
  const said = `Workspace ONE UEM answered ${status}${code}`;
  if (errorCode === BAD_TENANT_CODE) {
    const cause = hasTenantCode ? "the tenant code names no organization group" : "the tenant wants a tenant code";
    return `${said}: ${cause}; see ${TENANT_CODE_SCREEN}`;
  }
  if (status === 403)
    return `${said}: the role of the API client may not read this; give it read access to devices at ${OAUTH_SCREEN}`;
  const orCode = hasTenantCode ? "" : `, or the tenant wants a tenant code (${TENANT_CODE_SCREEN})`;
  return `${said} to a fresh token: the role of the API client has no API access (${OAUTH_SCREEN})${orCode}`;
}
