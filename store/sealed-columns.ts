import type { AccountId, DirectoryId, NasId, OrganizationId } from "../domain/identifiers.ts";
import { accountContext } from "./account-rows.ts";
import { directoryContext } from "./directories.ts";
import { nasContext } from "./nas-rows.ts";
import { settingsContext } from "./settings.ts";

/** One column of secrets at rest: whose they are, and what each is sealed for. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Column of the row's id, a UUID. */
  readonly id: string;
  readonly contextOf: (id: string) => string;
}

/** Every sealed column but the canaries'. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  ...columnsOf("linked_accounts", "id", ["client_secret_sealed", "tenant_code_sealed"], (id) =>
    accountContext(id as AccountId),
  ),
  ...columnsOf("nases", "id", ["secret_sealed", "previous_secret_sealed", "coa_secret_sealed"], (id) =>
    nasContext(id as NasId),
  ),
  ...columnsOf("directories", "id", ["bind_password_sealed"], (id) => directoryContext(id as DirectoryId)),
  ...columnsOf("settings", "organization_id", ["server_key_sealed", "server_key_password_sealed"], (id) =>
    settingsContext(id as OrganizationId),
  ),
];

function columnsOf(
  table: string,
  id: string,
  columns: readonly string[],
  contextOf: SealedColumn["contextOf"],
): readonly SealedColumn[] {
  return columns.map((column) => ({ table, column, id, contextOf }));
}
