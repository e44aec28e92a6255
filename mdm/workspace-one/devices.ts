import type { WorkspaceOneAccount } from "../../domain/linked-account.ts";
import { textAt } from "../json.ts";
import { type Unreachable, unreachable } from "../unreachable.ts";
import { unexpected, type VendorAnswer, type VendorApi } from "../vendor-api.ts";
import { readRecords, type UemRecord } from "./record.ts";

export type SearchKey = "Udid" | "Macaddress";

/** The records that an id or an address brought: none, one, or duplicates. */
export type Records = { readonly kind: "records"; readonly records: readonly UemRecord[] } | Unreachable;

/** "Device not found for this request." Any other 404, such as the page for an unknown route, is a fault. */
const DEVICE_NOT_FOUND = "5061";

/** `GET /API/mdm/devices`: of duplicate records UEM gives one. */
export async function readDevice(
  account: WorkspaceOneAccount,
  api: VendorApi,
  by: SearchKey,
  id: string,
): Promise<Records> {
  const query = new URLSearchParams({ searchby: by, id }).toString();
  return recordsOf(account, await api.call(`/API/mdm/devices?${query}`), `a search by ${by}`);
}

/**
 * `POST /API/mdm/devices?searchby=`: every record with one of the values. Beware of the path: `POST /mdm/devices/bulk`
 * takes the same body and deletes the devices.
 */
export async function readDevices(
  account: WorkspaceOneAccount,
  api: VendorApi,
  by: SearchKey,
  values: readonly string[],
): Promise<Records> {
  const answer = await api.call(`/API/mdm/devices?searchby=${by}`, { BulkValues: { Value: values } });
  return recordsOf(account, answer, `a bulk search by ${by}`);
}

function recordsOf(account: WorkspaceOneAccount, answer: VendorAnswer | Unreachable, what: string): Records {
  if (answer.kind === "unreachable") return answer;
  const { status, body } = answer;
  if (status === 204) return { kind: "records", records: [] };
  if (status === 404 && textAt(body, "errorCode") === DEVICE_NOT_FOUND) return { kind: "records", records: [] };
  if (status !== 200) return unexpected(account, answer, what);
  const records = readRecords(body);
  if (records !== undefined) return { kind: "records", records };
  return unreachable("unreadable", `Workspace ONE UEM answered ${what} with something that is no device record`);
}
