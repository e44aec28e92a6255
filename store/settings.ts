import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { CoaType } from "../domain/coa.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import { isSecret } from "../domain/secret.ts";
import type { Secret, UnopenedSecret } from "../domain/secret.ts";
import type { DB as Database } from "./database.ts";
import { jsonText } from "./json.ts";
import type { Store } from "./pool.ts";
import { bumpRevision, lockOrganization } from "./revisions.ts";
import { openOrTell } from "./seals.ts";
import type { Seals } from "./seals.ts";

/** Mist's org setting as given, less the secrets, of which it says only that they are there. */
export interface StoredSetting {
  readonly setting: Readonly<Record<string, unknown>>;
  readonly hasServerKey: boolean;
  readonly hasServerKeyPassword: boolean;
}

/** What an edge needs of the setting. Certificates and key are PEM. */
export interface EdgeSettings {
  readonly cacerts: readonly string[];
  readonly serverCertificate: string | undefined;
  /** Unopened where it does not open, or its password. */
  readonly serverKey: Secret | UnopenedSecret | undefined;
  readonly serverKeyPassword: Secret | undefined;
  readonly trustMacAuthentication: boolean;
  readonly coaType: CoaType;
  readonly crl: CrlSettings;
}

interface CrlSettings {
  /** Whether a client gets in while nothing current tells that its certificate was not revoked: `hard` is no. */
  readonly mode: "soft" | "hard";
  /** Where lists are fetched from, besides the distribution points that certificates name. */
  readonly urls: readonly string[];
}

/** An organization that has set nothing has an empty setting. */
export async function readSetting(store: Store, organizationId: OrganizationId): Promise<StoredSetting> {
  const row = await readRow(store.db, organizationId);
  return {
    setting: row?.setting ?? {},
    hasServerKey: row?.server_key_sealed != null,
    hasServerKeyPassword: row?.server_key_password_sealed != null,
  };
}

/** A secret that is `undefined` stays as it is, `null` removes it. */
export interface SettingChange {
  readonly setting: Readonly<Record<string, unknown>>;
  readonly serverKey?: Secret | null | undefined;
  readonly serverKeyPassword?: Secret | null | undefined;
}

/** Replaces the setting and tells the edges; answers with the revision that carries it. */
export function writeSetting(store: Store, organizationId: OrganizationId, change: SettingChange): Promise<number> {
  return changeSetting(store, organizationId, () => change);
}

/**
 * As `writeSetting`, with what `change` makes of the setting in force: nobody else changes it meanwhile. What `change`
 * throws leaves everything as it was.
 */
export function changeSetting(
  store: Store,
  organizationId: OrganizationId,
  change: (inForce: EdgeSettings) => SettingChange,
): Promise<number> {
  return store.db.transaction().execute(async (trx) => {
    await lockOrganization(trx, organizationId);
    const changed = change(await readEdgeSettings(trx, store.seals, organizationId));
    const columns = await columnsOf(changed, store.seals, organizationId);
    await trx
      .insertInto("settings")
      .values({ organization_id: organizationId, ...columns })
      .onConflict((conflict) => conflict.column("organization_id").doUpdateSet(columns))
      .execute();
    return bumpRevision(trx, organizationId, "configuration");
  });
}

async function columnsOf(change: SettingChange, seals: Seals, organizationId: OrganizationId) {
  const seal = (secret: Secret | null | undefined): Promise<string | null | undefined> =>
    secret == null ? Promise.resolve(secret) : seals.seal(secret, settingsContext(organizationId));
  const key = await seal(change.serverKey);
  const password = await seal(change.serverKeyPassword);
  return {
    setting: jsonText(change.setting),
    modified_at: sql<Date>`now()`,
    ...(key === undefined ? {} : { server_key_sealed: key }),
    ...(password === undefined ? {} : { server_key_password_sealed: password }),
  };
}

export function loadEdgeSettings(store: Store, organizationId: OrganizationId): Promise<EdgeSettings> {
  return readEdgeSettings(store.db, store.seals, organizationId);
}

/** `loadEdgeSettings` within a transaction. Fields of another shape than Mist's count as absent. */
export async function readEdgeSettings(
  db: Kysely<Database>,
  seals: Seals,
  organizationId: OrganizationId,
): Promise<EdgeSettings> {
  const row = await readRow(db, organizationId);
  const nac = objectIn(row?.setting, "mist_nac");
  const mdm = objectIn(nac, "mdm");
  const certificate = objectIn(nac, "server_cert")["cert"];
  const crl = objectIn(nac, "crl");
  return {
    cacerts: textsIn(nac["cacerts"]),
    serverCertificate: typeof certificate === "string" ? certificate : undefined,
    ...(await openServerKey(seals, organizationId, row)),
    trustMacAuthentication: mdm["trust_mac_authentication"] === true,
    coaType: mdm["coa_type"] === "disconnect" ? "disconnect" : "reauth",
    crl: { mode: crl["mode"] === "hard" ? "hard" : "soft", urls: textsIn(crl["urls"]) },
  };
}

async function openServerKey(
  seals: Seals,
  organizationId: OrganizationId,
  row: { readonly server_key_sealed: string | null; readonly server_key_password_sealed: string | null } | undefined,
): Promise<Pick<EdgeSettings, "serverKey" | "serverKeyPassword">> {
  const open = async (sealed: string | null | undefined): Promise<Secret | UnopenedSecret | undefined> => {
    if (sealed == null) return undefined;
    const renewal = "set mist_nac.server_cert anew, with its key";
    return openOrTell(seals, { sealed, context: settingsContext(organizationId), renewal });
  };
  const key = await open(row?.server_key_sealed);
  const password = await open(row?.server_key_password_sealed);
  if (password === undefined || isSecret(password)) return { serverKey: key, serverKeyPassword: password };
  // A key without its password is of no use.
  return { serverKey: key === undefined || isSecret(key) ? password : key, serverKeyPassword: undefined };
}

/** What an organization's secrets are sealed for. */
export function settingsContext(organizationId: OrganizationId): string {
  return `settings:${organizationId}`;
}

function readRow(db: Kysely<Database>, organizationId: OrganizationId) {
  return db.selectFrom("settings").selectAll().where("organization_id", "=", organizationId).executeTakeFirst();
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

function objectIn(object: Readonly<Record<string, unknown>> | undefined, field: string): Record<string, unknown> {
  const value = object?.[field];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
