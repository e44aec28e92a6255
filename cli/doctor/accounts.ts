import { openedAccount } from "../../domain/linked-account.ts";
import { listAccounts, loadAccounts } from "../../store/linked-accounts.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** How the last round with each MDM went. */
export async function examineAccounts(store: Store, { id, name }: Organization): Promise<readonly Finding[]> {
  const accounts = await listAccounts(store, id);
  if (accounts.length === 0)
    return [warning(`${name}: no MDM account is linked`, "link one: POST setting/{vmware,jamf}/link_accounts")];
  const stored = new Map((await loadAccounts(store, id)).map((account) => [account.accountId, openedAccount(account)]));
  return accounts.map(({ account: { accountId, name: account, instanceUrl }, health: { lastStatus, error } }) => {
    const what = `${name}: ${account} (${instanceUrl})`;
    const opened = stored.get(accountId);
    if (opened !== undefined && "unopened" in opened)
      return fault(
        `${what} is not asked: ${opened.unopened}`,
        "PUT the account with a new client_secret (and tenant_code)",
      );
    return lastStatus === "failed"
      ? fault(`${what} failed: ${error ?? "no reason was stored"}`, "mend it at the vendor, then PUT the account")
      : good(`${what} answers`);
  });
}
