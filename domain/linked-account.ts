import type { AccountId, OrganizationId } from "./identifiers.ts";
import { isSecret } from "./secret.ts";
import type { Secret, UnopenedSecret } from "./secret.ts";

/** Mist's app names: `vmware` is Workspace ONE UEM, `jamf` is Jamf Pro. */
export type AccountKind = "vmware" | "jamf";

export const VENDOR_NAMES: Readonly<Record<AccountKind, string>> = { vmware: "Workspace ONE UEM", jamf: "Jamf Pro" };

/** One MDM tenant joined to an organization, with what a client of it needs. */
export type LinkedAccount = WorkspaceOneAccount | JamfAccount;

interface CommonAccount {
  readonly accountId: AccountId;
  readonly organizationId: OrganizationId;
  /** `https://host[:port]`, no trailing slash. */
  readonly instanceUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Grows with every rotation: tokens are cached under it. */
  readonly secretVersion: number;
  /** Where tokens come from; `undefined` until a test has found it out. */
  readonly tokenUrl: string | undefined;
}

export interface WorkspaceOneAccount extends CommonAccount {
  readonly kind: "vmware";
  /** aw-tenant-code, for tenants that want one beside OAuth. */
  readonly tenantCode: Secret | undefined;
}

export interface JamfAccount extends CommonAccount {
  readonly kind: "jamf";
  /** Membership of this smart group, in the computer or the mobile realm, is compliance. */
  readonly smartGroupName: string;
}

/** A linked account as it comes from the store, where its secrets may not open. */
export type StoredAccount = Stored<WorkspaceOneAccount> | Stored<JamfAccount>;
type Stored<Account> = {
  readonly [Field in keyof Account]: Secret extends Account[Field] ? Account[Field] | UnopenedSecret : Account[Field];
};

/** The account, or why it cannot be asked. */
export function openedAccount(stored: StoredAccount): LinkedAccount | UnopenedSecret {
  const { clientSecret } = stored;
  if (!isSecret(clientSecret)) return clientSecret;
  if (stored.kind === "jamf") return { ...stored, clientSecret };
  const { tenantCode } = stored;
  return tenantCode === undefined || isSecret(tenantCode) ? { ...stored, clientSecret, tenantCode } : tenantCode;
}

/** How the last round with the account went: `last_status`, `last_sync` and `error` of Mist's link_accounts. */
export interface AccountHealth {
  readonly lastStatus: "success" | "failed" | undefined;
  /** Epoch milliseconds. */
  readonly lastSync: number | undefined;
  readonly error: string | undefined;
}

export type InstanceUrl =
  | { readonly kind: "ok"; readonly url: string }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Reads what an admin pasted as instance URL: the scheme may be missing (Mist's examples have none), a path is dropped.
 * Plain http is refused unless `allowHttp`, which is for simulators on loopback.
 */
export function parseInstanceUrl(text: string, allowHttp: boolean): InstanceUrl {
  const trimmed = text.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const match = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(?:[/?#].*)?$/i.exec(withScheme);
  if (match === null) {
    return { kind: "invalid", message: `instance_url "${trimmed}" is not a host name or https URL` };
  }
  const scheme = match[1]!.toLowerCase();
  if (scheme === "http" && !allowHttp) {
    return {
      kind: "invalid",
      message: `instance_url must be https: "${trimmed}" would carry the secret in clear text`,
    };
  }
  return { kind: "ok", url: `${scheme}://${match[2]!.toLowerCase()}${match[3] ?? ""}` };
}
