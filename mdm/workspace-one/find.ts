import { type DeviceId, deviceIdSpellings } from "../../domain/device-id.ts";
import type { WorkspaceOneAccount } from "../../domain/linked-account.ts";
import { matchByDeviceId, matchByMac } from "../match.ts";
import type { DeviceQuery } from "../provider.ts";
import type { Finding } from "../report-of.ts";
import type { VendorApi } from "../vendor-api.ts";
import { readDevice, readDevices, type SearchKey } from "./devices.ts";
import type { UemRecord } from "./record.ts";

/** Each address is a call of the daily quota: the most recent ones must do. */
const MAX_MACS = 4;

/** The record of the device that is asked about: by device id, and where no record has that, by address. */
export async function findRecord(
  account: WorkspaceOneAccount,
  api: VendorApi,
  query: DeviceQuery,
): Promise<Finding<UemRecord>> {
  const search = new Search(account, api);
  if (query.deviceId !== undefined) {
    const byId = await search.byDeviceId(query.deviceId);
    if (byId.kind !== "none") return byId;
  }
  return search.byMac({ ...query, macs: query.macs.slice(0, MAX_MACS) });
}

class Search {
  readonly #account: WorkspaceOneAccount;
  readonly #api: VendorApi;

  constructor(account: WorkspaceOneAccount, api: VendorApi) {
    this.#account = account;
    this.#api = api;
  }

  async byDeviceId(id: DeviceId): Promise<Finding<UemRecord>> {
    for (const spelling of storedSpellings(id)) {
      const read = await readDevice(this.#account, this.#api, "Udid", spelling);
      if (read.kind === "unreachable") return read;
      if (read.records.length === 0) continue;
      // A record left behind by an earlier enrolment may hide the living one.
      const living = read.records.some(({ enrolled }) => enrolled);
      const records = living ? read.records : await this.#withDuplicates(read.records, "Udid", [spelling]);
      return matchByDeviceId(id, records);
    }
    return { kind: "none" };
  }

  async byMac(query: DeviceQuery): Promise<Finding<UemRecord>> {
    const values = query.macs.map((mac) => mac.toUpperCase());
    const found: UemRecord[] = [];
    for (const value of values) {
      const read = await readDevice(this.#account, this.#api, "Macaddress", value);
      if (read.kind === "unreachable") return read;
      found.push(...read.records);
    }
    if (found.length === 0) return { kind: "none" };
    // One record per address is all that the single read tells: whether another device claims it too, it does not.
    return matchByMac(query, await this.#withDuplicates(found, "Macaddress", values));
  }

  /** With the records that the bulk read knows besides. A tenant that refuses the bulk read is taken at its first word. */
  async #withDuplicates(
    found: readonly UemRecord[],
    by: SearchKey,
    values: readonly string[],
  ): Promise<readonly UemRecord[]> {
    const all = await readDevices(this.#account, this.#api, by, values);
    if (all.kind === "unreachable") return found;
    const known = new Set(found.map(({ device }) => device.recordId));
    return [...found, ...all.records.filter(({ device }) => !known.has(device.recordId))];
  }
}

/**
 * UEM compares UDIDs as they stand: 32 and 40 digits are stored without dashes, Apple's 8-16 form with its dash. The
 * other spelling is asked for second, and only where there is one.
 */
function storedSpellings(id: DeviceId): readonly string[] {
  const spellings = deviceIdSpellings(id).map((spelling) => spelling.toUpperCase());
  return id.length === 32 ? spellings.toReversed() : spellings;
}
