import type { Selectable } from "kysely";
import type { AccountId, OrganizationId } from "../domain/identifiers.ts";
import type { AccountHealth, AccountKind, StoredAccount } from "../domain/linked-account.ts";
import type { LinkedAccounts } from "./database.ts";
import type { Secret, UnopenedSecret } from "../domain/secret.ts";
import { openOrTell } from "./seals.ts";
import type { Seals } from "./seals.ts";

/** A linked account as people see it: its secrets stay sealed. */
interface AccountView {
  readonly accountId: AccountId;
  readonly organizationId: OrganizationId;
  readonly kind: AccountKind;
  readonly name: string;
  readonly instanceUrl: string;
  readonly clientId: string;
  readonly tokenUrl: string | undefined;
  readonly hasTenantCode: boolean;
  /** Always there for Jamf Pro. */
  readonly smartGroupName: string | undefined;
  readonly webhookEnabled: boolean;
  readonly linkedBy: string;
  /** Epoch milliseconds. */
  readonly linkedAt: number;
}

export interface AccountWithHealth {
  readonly account: AccountView;
  readonly health: AccountHealth;
}

/** What an account's secrets are sealed for. */
export function accountContext(id: AccountId): string {
  return `linked_account:${id}`;
}

/** A linked row as its MDM client needs it. */
export async function accountOf(seals: Seals, row: Selectable<LinkedAccounts>): Promise<StoredAccount> {
  const open = (sealed: string, field: string): Promise<Secret | UnopenedSecret> =>
    openOrTell(seals, { sealed, context: accountContext(row.id), renewal: `set ${field} of the account anew` });
  const common = {
    accountId: row.id,
    organizationId: row.organization_id,
    instanceUrl: row.instance_url,
    clientId: row.client_id,
    // The schema holds both: a linked row has its secret, and one of Jamf Pro its group.
    clientSecret: await open(row.client_secret_sealed!, "client_secret"),
    secretVersion: row.secret_version,
    tokenUrl: row.token_url ?? undefined,
  };
  switch (row.kind) {
    case "vmware": {
      const sealed = row.tenant_code_sealed;
      const tenantCode = sealed === null ? undefined : await open(sealed, "tenant_code");
      return { ...common, kind: "vmware", tenantCode };
    }
    case "jamf":
      return { ...common, kind: "jamf", smartGroupName: row.smartgroup_name! };
  }
}

/** A row as people see it. */
export function withHealth(row: Selectable<LinkedAccounts>): AccountWithHealth {
  return {
    account: {
      accountId: row.id,
      organizationId: row.organization_id,
      kind: row.kind,
      name: row.name,
      instanceUrl: row.instance_url,
      clientId: row.client_id,
      tokenUrl: row.token_url ?? undefined,
      hasTenantCode: row.tenant_code_sealed !== null,
      smartGroupName: row.smartgroup_name ?? undefined,
      webhookEnabled: row.webhook_enabled,
      linkedBy: row.linked_by,
      linkedAt: row.linked_at.getTime(),
    },
    health: {
      lastStatus: row.last_status ?? undefined,
      lastSync: row.last_sync?.getTime(),
      error: row.error ?? undefined,
    },
  };
}
