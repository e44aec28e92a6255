import { type DeviceId, deviceIdSpellings } from "../../domain/device-id.ts";
import { colonMac, type MacAddress } from "../../domain/mac-address.ts";
import { type Match, matchByDeviceId, matchByMac } from "../match.ts";
import type { DeviceQuery } from "../provider.ts";
import type { Finding } from "../report-of.ts";
import type { Unreachable } from "../unreachable.ts";
import type { Realm } from "./group-finding.ts";
import type { Inventory } from "./inventory.ts";
import type { JamfRecord } from "./record.ts";
import { isIn } from "./rsql.ts";

/** Computers first: most devices with certificates are. */
const REALMS: readonly Realm[] = ["computer", "mobile"];
/** Many records with one address are ambiguous however many there are. */
const PAGE_SIZE = 100;
/** Keeps the URL far below the 6 kB that proxies pass. */
const MAX_MACS = 20;

const ADDRESS_FIELD: Readonly<Record<Realm, string>> = { computer: "hardware.macAddress", mobile: "wifiMacAddress" };

/** The record of the device that is asked about: by device id in both realms, and where neither has it, by address. */
export async function findRecord(inventory: Inventory, query: DeviceQuery): Promise<Finding<JamfRecord>> {
  const { deviceId } = query;
  if (deviceId !== undefined) {
    const byId = await inRealms(
      inventory,
      () => isIn("udid", idSpellings(deviceId)),
      (found) => matchByDeviceId(deviceId, found),
    );
    if (byId.kind !== "none") return byId;
  }
  const macs = query.macs.slice(0, MAX_MACS);
  if (macs.length === 0) return { kind: "none" };
  return inRealms(
    inventory,
    (realm) => isIn(ADDRESS_FIELD[realm], macs.flatMap(macSpellings)),
    (found) => matchByMac({ ...query, macs }, found),
  );
}

/** The first realm that knows the device. When none does, one that could not be asked leaves the question open. */
async function inRealms(
  inventory: Inventory,
  filter: (realm: Realm) => string,
  match: (found: readonly JamfRecord[]) => Match<JamfRecord>,
): Promise<Finding<JamfRecord>> {
  const faults: Unreachable[] = [];
  for (const realm of REALMS) {
    const page = await inventory.read(realm, filter(realm), PAGE_SIZE);
    if (page.kind === "unreachable") {
      faults.push(page);
      continue;
    }
    const matched = match(page.records);
    if (matched.kind !== "none") return matched;
  }
  return faults[0] ?? { kind: "none" };
}

/** Whether filters tell upper from lower case depends on the server's database: both are asked for at once. */
function idSpellings(id: DeviceId): readonly string[] {
  return bothCases(deviceIdSpellings(id));
}

function macSpellings(mac: MacAddress): readonly string[] {
  return bothCases([colonMac(mac)]);
}

function bothCases(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => [text.toUpperCase(), text.toLowerCase()]))];
}
