import type { FastifyReply, FastifyRequest } from "fastify";
import type { SimulatedDevice } from "../mdm-device.ts";
import type { MdmApp } from "../mdm-server.ts";
import { readQuery, type Query } from "../query.ts";
import { send, sendError, sendNothing, servedVersion, stampVersion, type Versions } from "./answer.ts";
import { deviceRecord, withNetworks } from "./device-record.ts";
import { badArgument } from "./errors.ts";
import { pageOf } from "./paging.ts";
import { applyFilters, EXTENSIVE_FILTERS, type Filters, searchFilters, unreadableDate } from "./search-filters.ts";
import { ordered } from "./search-order.ts";
import type { WorkspaceOneTenant } from "./tenant.ts";

/** As recorded in October 2023 (graph-airwatch); version 4 of the search is a POST that the simulator does not have. */
const SEARCH_VERSIONS: Versions = [1, 2, 3];

interface Listing {
  readonly versions: Versions;
  readonly sizeName: (version: number) => string;
  readonly filters: (version: number) => Filters;
  readonly row: (device: SimulatedDevice) => object;
}

const SEARCH: Listing = {
  versions: SEARCH_VERSIONS,
  sizeName: (version) => (version < 3 ? "pagesize" : "page_size"),
  filters: searchFilters,
  row: deviceRecord,
};
const LITE: Listing = {
  versions: [1],
  sizeName: () => "pagesize",
  filters: () => EXTENSIVE_FILTERS,
  row: withNetworks,
};
const EXTENSIVE: Listing = {
  ...LITE,
  row: (device) => ({ ...withNetworks(device), Compliant: device.compliance === "compliant" }),
};

/** Paged listings. No match, and a page past the end, are 204 without a body. */
export function searchRoutes(app: MdmApp, tenant: WorkspaceOneTenant): void {
  const list = (listing: Listing) => async (request: FastifyRequest, reply: FastifyReply) => {
    const version = servedVersion(request, listing.versions);
    stampVersion(request, reply, listing.versions);
    const query: Query = readQuery(request.url, "anyCase");
    const filters = listing.filters(version);
    const unreadable = unreadableDate(query, filters);
    if (unreadable !== undefined) return sendError(request, reply, badArgument(`${unreadable} is not a date.`));
    const matching = ordered(query, version, applyFilters(query, filters, tenant.devices.all));
    const { rows, page, pageSize, total } = pageOf(query, listing.sizeName(version), matching);
    if (rows.length === 0) return sendNothing(reply);
    const body = { Devices: rows.map(listing.row), Page: page, PageSize: pageSize, Total: total };
    return send(request, reply, "DeviceSearchResult", body);
  };

  app.get("/mdm/devices/search", list(SEARCH));
  app.get("/mdm/devices/extensivesearch", list(EXTENSIVE));
  app.get("/mdm/devices/litesearch", list(LITE));
}
