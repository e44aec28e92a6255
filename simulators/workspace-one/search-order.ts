import type { SimulatedDevice } from "../mdm-device.ts";
import type { Query } from "../query.ts";
import { OWNERSHIP, PLATFORM } from "./device-record.ts";

type SortKey = (device: SimulatedDevice) => string | number;

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  model: (device) => device.model,
  lastseen: (device) => device.seenAt,
  ownership: (device) => OWNERSHIP[device.ownership],
  platform: (device) => PLATFORM[device.kind].name,
  deviceid: (device) => device.id,
};

/** Ordered by device id, ascending, unless `orderby` and `sortorder` (from version 3 on `order_by`, `sort_order`) say otherwise. */
export function ordered(
  query: Query,
  version: number,
  devices: readonly SimulatedDevice[],
): readonly SimulatedDevice[] {
  const [orderBy, sortOrder] =
    version < 3 ? (["orderby", "sortorder"] as const) : (["order_by", "sort_order"] as const);
  const key = SORT_KEYS[(query.one(orderBy) ?? "deviceid").toLowerCase()] ?? ((device) => device.id);
  const direction = query.one(sortOrder)?.toUpperCase() === "DESC" ? -1 : 1;
  return devices.toSorted((a, b) => direction * (compare(key(a), key(b)) || a.id - b.id));
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
