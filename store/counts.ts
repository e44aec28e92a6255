import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import type { OrganizationId } from "../domain/identifiers.ts";
import { filteredClients } from "./clients.ts";
import type { ClientFilter } from "./clients.ts";
import { filteredEvents } from "./events.ts";
import type { EventFilter } from "./events.ts";
import type { Store } from "./pool.ts";

/** How many share a value; those that have none are left out. */
export interface Tally {
  readonly value: string;
  readonly count: number;
}

/** What clients can be counted by. */
export const CLIENT_FIELDS = [
  "auth_type",
  "last_nacrule_id",
  "last_nacrule_name",
  "last_nas_vendor",
  "last_ssid",
  "last_status",
  "last_username",
  "last_vlan",
  "mdm_compliance",
  "mdm_provider",
  "type",
] as const;
export type ClientField = (typeof CLIENT_FIELDS)[number];

const CLIENT_VALUES: Readonly<Record<ClientField, RawBuilder<string | null>>> = {
  auth_type: sql`evidence ->> 'authentication'`,
  last_nacrule_id: sql`decision #>> '{rule,id}'`,
  last_nacrule_name: sql`decision #>> '{rule,name}'`,
  last_nas_vendor: sql`evidence ->> 'nasVendor'`,
  last_ssid: sql`evidence ->> 'ssid'`,
  last_status: sql`last_status`,
  last_username: sql`evidence ->> 'userName'`,
  last_vlan: sql`decision #>> '{access,authorization,vlan}'`,
  mdm_compliance: sql`decision #>> '{compliance,status}'`,
  mdm_provider: sql`verdict #>> '{source,kind}'`,
  type: sql`evidence ->> 'portType'`,
};

/** Clients by the values of one field, the most frequent first. */
export async function countClients(
  store: Store,
  organizationId: OrganizationId,
  filter: Omit<ClientFilter, "limit" | "before">,
  field: ClientField,
): Promise<readonly Tally[]> {
  const rows = await store.db
    .selectFrom(filteredClients(store, organizationId, { ...filter, limit: 0 }).as("found"))
    .select((eb) => [CLIENT_VALUES[field].as("value"), eb.fn.countAll<number>().as("count")])
    .groupBy("value")
    .orderBy("count", "desc")
    .orderBy("value")
    .execute();
  return withValue(rows);
}

/** Columns of events, and fields of their bodies, that events can be counted by. */
export const EVENT_FIELDS = [
  "type",
  "mac",
  "auth_type",
  "nacrule_id",
  "ssid",
  "username",
  "vlan",
  "nas_vendor",
  "mdm_compliance",
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

/** Events by the values of one field, the most frequent first. */
export async function countEvents(
  store: Store,
  organizationId: OrganizationId,
  filter: Omit<EventFilter, "limit" | "before">,
  field: EventField,
): Promise<readonly Tally[]> {
  const value =
    field === "type"
      ? sql<string>`type`
      : field === "mac"
        ? sql<string>`replace(mac::text, ':', '')`
        : sql<string>`body ->> ${sql.lit(field)}`;
  const rows = await filteredEvents(store, organizationId, filter)
    .select((eb) => [value.as("value"), eb.fn.countAll<number>().as("count")])
    .groupBy("value")
    .orderBy("count", "desc")
    .orderBy("value")
    .execute();
  return withValue(rows);
}

function withValue(rows: readonly { readonly value: string | null; readonly count: number }[]): readonly Tally[] {
  return rows.flatMap(({ value, count }) => (value === null ? [] : [{ value, count }]));
}
