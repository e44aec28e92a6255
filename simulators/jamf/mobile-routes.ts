import type { SimulatedDevice } from "../mdm-device.ts";
import type { MdmApp } from "../mdm-server.ts";
import { readQuery } from "../query.ts";
import { badRequest, sendApiError } from "./api-error.ts";
import { type Collection, sendCollection } from "./collection.ts";
import { groupsHolding, groupsOf, type SimulatedGroup } from "./groups.ts";
import { MOBILE_SECTIONS, mobileDetail, mobileRow, seenIdentifiers } from "./mobile-record.ts";
import type { Fields } from "./rsql-match.ts";
import { chosenSections } from "./sections.ts";
import { isManaged, type JamfTenant, mobilesOf } from "./tenant.ts";

/** Flat names, unlike the computers'. */
export const MOBILE_FIELDS: Fields<SimulatedDevice> = {
  mobileDeviceId: (device) => device.id,
  displayName: (device) => device.name,
  udid: (device) => seenIdentifiers(device).udid,
  serialNumber: (device) => seenIdentifiers(device).serialNumber,
  wifiMacAddress: (device) => seenIdentifiers(device).macAddress,
  managed: (device) => isManaged(device),
  model: (device) => device.model,
  username: (device) => device.user,
  lastContactDate: (device) => new Date(device.seenAt).toISOString(),
  lastInventoryUpdateDate: (device) => new Date(device.reportedAt).toISOString(),
};

const LIST: Collection<SimulatedDevice> = {
  fields: {
    id: (device) => device.id,
    name: (device) => device.name,
    serialNumber: (device) => seenIdentifiers(device).serialNumber,
    udid: (device) => seenIdentifiers(device).udid,
    wifiMacAddress: (device) => seenIdentifiers(device).macAddress,
  },
  filterable: false,
  defaultSort: "id:asc",
  shape: mobileRow,
};

/** Beside the flat fields, detail can be filtered by group: "is this UDID in that group" is one call. */
function detailFields(groups: readonly SimulatedGroup[]): Fields<SimulatedDevice> {
  return {
    ...MOBILE_FIELDS,
    groupId: (device) => groupsHolding(groups, device).map((group) => group.id),
    groupName: (device) => groupsHolding(groups, device).map((group) => group.name),
  };
}

export function mobileRoutes(app: MdmApp, tenant: JamfTenant): void {
  app.get("/v2/mobile-devices", async (request, reply) =>
    sendCollection(request, reply, tenant, mobilesOf(tenant), LIST),
  );

  app.get("/v2/mobile-devices/detail", async (request, reply) => {
    const query = readQuery(request.url, "exact");
    const choice = chosenSections(query.list("section"), MOBILE_SECTIONS);
    if (choice.kind === "unknown") return sendApiError(reply, 400, badRequest(`Unknown section ${choice.section}`));
    // No record of this tenant is bad, so that STRICT and LENIENT answer alike.
    const handling = query.one("exception-handling") ?? "STRICT";
    if (!["STRICT", "LENIENT"].includes(handling)) {
      return sendApiError(reply, 400, badRequest(`Unknown exception-handling ${handling}`));
    }
    const groups = groupsOf(tenant, "mobile");
    return sendCollection(request, reply, tenant, mobilesOf(tenant), {
      fields: detailFields(groups),
      filterable: true,
      defaultSort: "displayName:asc",
      shape: (device) => mobileDetail(device, groupsHolding(groups, device), choice.sections),
    });
  });
}
