import { listAccounts } from "../../store/linked-accounts.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** How the last round with each MDM went. */
export async function examineAccounts(store: Store, { id, name }: Organization): Promise<readonly Finding[]> {
  const accounts = await listAccounts(store, id);
  if (accounts.length === 0)
    return [warning(`${name}: no MDM account is linked`, "link one: POST setting/{vmware,jamf}/link_accounts")];
  return accounts.map(({ account: { name: account, instanceUrl }, health: { lastStatus, error } }) => {
    const what = `${name}: ${account} (${instanceUrl})`;
    return lastStatus === "failed"
      ? fault(`${what} failed: ${error ?? "no reason was stored"}`, "mend it at the vendor, then PUT the account")
      : good(`${what} answers`);
  });
}
