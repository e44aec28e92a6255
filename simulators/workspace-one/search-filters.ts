import type { SimulatedDevice } from "../mdm-device.ts";
import { bareMac } from "../notation.ts";
import type { Query } from "../query.ts";
import { parseDate } from "./dates.ts";
import { ENROLLMENT, ORGANIZATION_GROUP, OWNERSHIP, PLATFORM } from "./device-record.ts";

/** A filter's say on one device for the value that the client gave. */
type Filter = (device: SimulatedDevice, value: string) => boolean;
export type Filters = Readonly<Record<string, Filter>>;

const same = (text: string, value: string): boolean => text.toLowerCase() === value.toLowerCase();
const compliantIs: Filter = (device, value) => (device.compliance === "compliant") === same(value, "true");
const seenSince: Filter = (device, value) => device.seenAt >= (parseDate(value) ?? Number.NaN);
const inGroup: Filter = (_device, value) =>
  value === String(ORGANIZATION_GROUP.id) || value === ORGANIZATION_GROUP.uuid;
const platformIs: Filter = (device, value) => same(PLATFORM[device.kind].name, value);

/** Filters of `devices/search` in the spellings of all versions; a version ignores the names that it does not have. */
const COMMON: Filters = {
  user: (device, value) => same(device.user, value),
  model: (device, value) => same(device.model, value),
  platform: platformIs,
  ownership: (device, value) => same(OWNERSHIP[device.ownership], value),
};
const V1: Filters = {
  ...COMMON,
  compliantstatus: compliantIs,
  seensince: seenSince,
  lastseen: seenSince,
  lgid: inGroup,
};
const V2: Filters = {
  ...COMMON,
  compliance_status: compliantIs,
  seen_since: seenSince,
  lastseen: seenSince,
  lgid: inGroup,
};
const V3: Filters = {
  compliance_status: compliantIs,
  seen_since: seenSince,
  last_seen: seenSince,
  organization_group_uuid: inGroup,
  ownership: COMMON["ownership"]!,
  device_type: platformIs,
};
export function searchFilters(version: number): Filters {
  return version === 1 ? V1 : version === 2 ? V2 : V3;
}

/** Filters of `extensivesearch` and `litesearch`. */
export const EXTENSIVE_FILTERS: Filters = {
  organizationgroupid: inGroup,
  platform: platformIs,
  startdatetime: seenSince,
  enddatetime: (device, value) => device.seenAt <= (parseDate(value) ?? Number.NaN),
  statuschangestarttime: (device, value) => device.statusChangedAt >= (parseDate(value) ?? Number.NaN),
  statuschangeendtime: (device, value) => device.statusChangedAt <= (parseDate(value) ?? Number.NaN),
  deviceid: (device, value) => String(device.id) === value,
  enrollmentstatus: (device, value) => same(ENROLLMENT[device.enrollment], value),
  macaddress: (device, value) => bareMac(device.macAddress) === value.toUpperCase(),
};

/** The first filter whose date cannot be read, by name. */
export function unreadableDate(query: Query, filters: Filters): string | undefined {
  const dated = Object.keys(filters).filter((name) => /since|seen|time$/.test(name));
  return dated.find((name) => query.one(name) !== undefined && parseDate(query.one(name)!) === undefined);
}

export function applyFilters(
  query: Query,
  filters: Filters,
  devices: readonly SimulatedDevice[],
): readonly SimulatedDevice[] {
  const given = Object.entries(filters).flatMap(([name, filter]) => {
    const value = query.one(name);
    return value === undefined || value === "" ? [] : [{ filter, value }];
  });
  return devices.filter((device) => given.every(({ filter, value }) => filter(device, value)));
}
