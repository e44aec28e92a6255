import type { DeviceId } from "../domain/device-id.ts";
import { colonMac, type MacAddress } from "../domain/mac-address.ts";
import type { ManagedDevice } from "../domain/report.ts";
import type { DeviceQuery } from "./provider.ts";

/** A record that a vendor's search brought, before it is believed. */
export interface Candidate {
  readonly device: ManagedDevice;
  /** Managed at present; records of devices that left stay behind in both vendors' inventories. */
  readonly enrolled: boolean;
}

export type Match<Found extends Candidate> =
  | { readonly kind: "matched"; readonly record: Found; readonly matchedMac: MacAddress | undefined }
  | { readonly kind: "none" }
  /** Several managed devices claim the address. */
  | { readonly kind: "ambiguous" }
  /** The record with this address is another device's. */
  | { readonly kind: "refused"; readonly detail: string }
  /** Records came, but none with what was asked for: the vendor answered another question. */
  | { readonly kind: "stranger" };

/** Of records with one device id, left behind by re-enrolment, the managed one, else the last seen. */
export function matchByDeviceId<Found extends Candidate>(id: DeviceId, found: readonly Found[]): Match<Found> {
  if (found.length === 0) return { kind: "none" };
  const record = best(found.filter(({ device }) => device.deviceId === id));
  return record === undefined ? { kind: "stranger" } : { kind: "matched", record, matchedMac: undefined };
}

/**
 * The one managed device that has one of the query's addresses. Refused when it names another device id than the
 * certificate did (behaviour 1.3): docks and adapters change hands, certificates do not.
 */
export function matchByMac<Found extends Candidate>(query: DeviceQuery, found: readonly Found[]): Match<Found> {
  if (found.length === 0) return { kind: "none" };
  const sharedMac = ({ device }: Candidate): MacAddress | undefined =>
    query.macs.find((mac) => device.macs.includes(mac));
  const holders = found.filter((record) => sharedMac(record) !== undefined);
  const living = holders.some(({ enrolled }) => enrolled) ? holders.filter(({ enrolled }) => enrolled) : holders;
  const record = best(living);
  if (record === undefined) return { kind: "stranger" };
  if (holders.every((holder) => namesAnother(query, holder)))
    return { kind: "refused", detail: refusal(query, record) };
  if (new Set(living.map(deviceKey)).size > 1) return { kind: "ambiguous" };
  if (namesAnother(query, record)) return { kind: "refused", detail: refusal(query, record) };
  return { kind: "matched", record, matchedMac: sharedMac(record) };
}

function namesAnother({ deviceId }: DeviceQuery, { device }: Candidate): boolean {
  return deviceId !== undefined && device.deviceId !== undefined && device.deviceId !== deviceId;
}

function refusal({ deviceId, macs }: DeviceQuery, { device }: Candidate): string {
  const shared = macs.filter((mac) => device.macs.includes(mac)).map(colonMac);
  return `No record has the certificate's device id ${deviceId}; the one with ${shared.join(", ")} is of device ${device.deviceId}.`;
}

/** Two records are of one device when they share the device id, or without one the serial number. */
function deviceKey({ device }: Candidate): string {
  return device.deviceId ?? device.serial ?? device.recordId;
}

function best<Found extends Candidate>(records: readonly Found[]): Found | undefined {
  const rank = ({ enrolled, device }: Candidate): number => (enrolled ? 1e15 : 0) + (device.lastSeen ?? 0);
  return records.toSorted((a, b) => rank(b) - rank(a))[0];
}
