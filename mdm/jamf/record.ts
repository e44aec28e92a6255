import { type DeviceId, parseDeviceId } from "../../domain/device-id.ts";
import { isIdentifyingMac, type MacAddress, parseMac } from "../../domain/mac-address.ts";
import { at, booleanAt, instantAt, listAt, textAt } from "../json.ts";
import type { Candidate } from "../match.ts";
import type { Realm } from "./group-finding.ts";

export interface Membership {
  readonly groupId: string | undefined;
  readonly groupName: string | undefined;
  readonly smart: boolean | undefined;
}

/** A computer or a mobile device of the inventory, as much of it as a verdict needs. */
export interface JamfRecord extends Candidate {
  readonly realm: Realm;
  /** `undefined` when the server left the section out, as it may. */
  readonly memberships: readonly Membership[] | undefined;
}

/** A row of `computers-inventory`, versions 1 to 4; `undefined` when it lacks its id or what is known of it. */
export function readComputer(json: unknown): JamfRecord | undefined {
  const recordId = textAt(json, "id");
  if (recordId === undefined || !hasGeneral(json)) return undefined;
  return {
    realm: "computer",
    enrolled: booleanAt(json, "general", "remoteManagement", "managed") ?? true,
    memberships: readMemberships(listAt(json, "groupMemberships")),
    device: {
      recordId,
      deviceId: deviceIdOf(textAt(json, "udid")),
      serial: textAt(json, "hardware", "serialNumber"),
      macs: macsOf([textAt(json, "hardware", "macAddress"), textAt(json, "hardware", "altMacAddress")]),
      name: textAt(json, "general", "name"),
      manufacturer: textAt(json, "hardware", "make") ?? "Apple",
      model: textAt(json, "hardware", "model"),
      operatingSystem: textAt(json, "operatingSystem", "name") ?? "macOS",
      operatingSystemVersion: textAt(json, "operatingSystem", "version"),
      // Version 4 renamed the field.
      lastSeen: instantAt(json, "general", "lastContact") ?? instantAt(json, "general", "lastContactTime"),
    },
  };
}

/** A row of `/v2/mobile-devices/detail`; `undefined` when it lacks its id or what is known of it. */
export function readMobile(json: unknown): JamfRecord | undefined {
  const recordId = textAt(json, "mobileDeviceId");
  if (recordId === undefined || !hasGeneral(json)) return undefined;
  return {
    realm: "mobile",
    enrolled: booleanAt(json, "general", "managed") ?? true,
    memberships: readMemberships(listAt(json, "groups")),
    device: {
      recordId,
      deviceId: deviceIdOf(textAt(json, "general", "udid")),
      serial: textAt(json, "hardware", "serialNumber"),
      macs: macsOf([textAt(json, "hardware", "wifiMacAddress")]),
      name: textAt(json, "general", "displayName"),
      manufacturer: "Apple",
      model: textAt(json, "hardware", "model"),
      operatingSystem: textAt(json, "deviceType"),
      operatingSystemVersion: textAt(json, "general", "osVersion"),
      lastSeen: instantAt(json, "general", "lastContactDate") ?? instantAt(json, "general", "lastInventoryUpdateDate"),
    },
  };
}

/** Lenient servers null a section that they cannot read; without this one nobody knows whether the device is managed. */
function hasGeneral(json: unknown): boolean {
  const general = at(json, "general");
  return typeof general === "object" && general !== null;
}

function readMemberships(rows: readonly unknown[] | undefined): readonly Membership[] | undefined {
  return rows?.map((row) => ({
    groupId: textAt(row, "groupId"),
    groupName: textAt(row, "groupName"),
    smart: booleanAt(row, "smartGroup") ?? booleanAt(row, "smart"),
  }));
}

function deviceIdOf(udid: string | undefined): DeviceId | undefined {
  return udid === undefined ? undefined : parseDeviceId(udid);
}

/** A second address is often made up by the Mac for its Thunderbolt bridge, and then names nothing. */
function macsOf(texts: readonly (string | undefined)[]): readonly MacAddress[] {
  const macs = texts.map((text) => (text === undefined ? undefined : parseMac(text)));
  return [...new Set(macs.filter((mac) => mac !== undefined && isIdentifyingMac(mac)))] as MacAddress[];
}

const READERS: Readonly<Record<Realm, (json: unknown) => JamfRecord | undefined>> = {
  computer: readComputer,
  mobile: readMobile,
};

/** The rows of a page; `undefined` when it is no page, or one of its rows is no record. */
export function readPage(realm: Realm, json: unknown): readonly JamfRecord[] | undefined {
  const records = listAt(json, "results")?.map(READERS[realm]);
  return records?.every((record) => record !== undefined) === true ? records : undefined;
}
