import type { FastifyReply, FastifyRequest } from "fastify";
import type { SimulatedDevice } from "../mdm-device.ts";
import type { MdmApp } from "../mdm-server.ts";
import { colonMac } from "../notation.ts";
import { readQuery } from "../query.ts";
import { badRequest, sendApiError, sendJson, sendUnknownId } from "./api-error.ts";
import { type Collection, sendCollection } from "./collection.ts";
import { computerRecord, computerSections, type InventoryVersion, seconds } from "./computer-record.ts";
import { groupsHolding, groupsOf } from "./groups.ts";
import type { Fields } from "./rsql-match.ts";
import { chosenSections } from "./sections.ts";
import { computersOf, isManaged, type JamfTenant } from "./tenant.ts";

/** There is no `hardware.altMacAddress`, and no filter by group. */
function computerFields(version: InventoryVersion): Fields<SimulatedDevice> {
  const seen = (device: SimulatedDevice): string => seconds(device.seenAt);
  return {
    id: (device) => device.id,
    udid: (device) => device.udid,
    "general.name": (device) => device.name,
    "general.platform": () => "Mac",
    "general.managementId": (device) => device.uuid,
    "general.remoteManagement.managed": (device) => isManaged(device),
    "general.reportDate": (device) => seconds(device.reportedAt),
    "general.lastEnrolledDate": (device) => seconds(device.enrolledAt),
    ...(version === 4
      ? { "general.lastContact": seen, "general.lastCheckIn": seen }
      : { "general.lastContactTime": seen }),
    "hardware.macAddress": (device) => colonMac(device.macAddress),
    "hardware.serialNumber": (device) => device.serialNumber,
    "hardware.model": (device) => device.model,
    "userAndLocation.username": (device) => device.user,
  };
}

type Shape = (device: SimulatedDevice) => object;
type ById = FastifyRequest<{ Params: { id: string } }>;

/** The shape that the request's sections ask for, or the section that this version does not have. */
function askedShape(url: string, tenant: JamfTenant, version: InventoryVersion): Shape | string {
  const choice = chosenSections(readQuery(url, "exact").list("section"), computerSections(version));
  if (choice.kind === "unknown") return choice.section;
  const groups = groupsOf(tenant, "computer");
  return (device) => computerRecord(device, groupsHolding(groups, device), version, choice.sections);
}

function inventoryRoutes(app: MdmApp, tenant: JamfTenant, version: InventoryVersion): void {
  const path = `/v${version}/computers-inventory`;
  const unknownSection = (reply: FastifyReply, section: string): FastifyReply =>
    sendApiError(reply, 400, { ...badRequest(`Unknown section ${section}`), field: "section" });
  const named = (id: string): SimulatedDevice | undefined =>
    computersOf(tenant).find((device) => String(device.id) === id);

  app.get(path, async (request, reply) => {
    const shape = askedShape(request.url, tenant, version);
    if (typeof shape === "string") return unknownSection(reply, shape);
    const defaultSort = "general.name:asc";
    const collection: Collection<SimulatedDevice> = {
      fields: computerFields(version),
      filterable: true,
      defaultSort,
      shape,
    };
    return sendCollection(request, reply, tenant, computersOf(tenant), collection);
  });
  app.get(`${path}/:id`, async (request: ById, reply) => {
    const shape = askedShape(request.url, tenant, version);
    if (typeof shape === "string") return unknownSection(reply, shape);
    const device = named(request.params.id);
    return device === undefined ? sendUnknownId(reply, request.params.id) : sendJson(reply, shape(device));
  });
  app.get(`${path}-detail/:id`, async (request: ById, reply) => {
    const device = named(request.params.id);
    if (device === undefined) return sendUnknownId(reply, request.params.id);
    const groups = groupsHolding(groupsOf(tenant, "computer"), device);
    return sendJson(reply, computerRecord(device, groups, version, computerSections(version)));
  });
}

/** The computer inventory in all four versions, those that the server's version has. */
export function computerRoutes(app: MdmApp, tenant: JamfTenant): void {
  for (const version of [1, 2, 3, 4] as const) inventoryRoutes(app, tenant, version);
}
