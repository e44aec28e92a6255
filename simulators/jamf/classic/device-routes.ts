import type { FastifyRequest } from "fastify";
import type { SimulatedDevice } from "../../mdm-device.ts";
import type { MdmApp } from "../../mdm-server.ts";
import { sameSpelling } from "../../notation.ts";
import { groupsHolding, groupsOf } from "../groups.ts";
import { seenIdentifiers } from "../mobile-record.ts";
import { computersOf, type JamfTenant, mobilesOf } from "../tenant.ts";
import { sendClassic, sendStatusPage } from "./answer.ts";
import { basicComputer, basicMobile, classicComputer, classicMobile } from "./records.ts";

/** The ids by which Classic finds a device, as the path spells them; each gives the texts that may match. */
type Keys = Readonly<Record<string, (device: SimulatedDevice) => readonly string[]>>;
type Keyed = FastifyRequest<{ Params: { key: string; value: string } }>;

function computerKeys({ settings }: JamfTenant): Keys {
  return {
    id: (device) => [String(device.id)],
    name: (device) => [device.name],
    udid: (device) => [device.udid],
    serialnumber: (device) => [device.serialNumber],
    macaddress: (device) =>
      settings.classicMatchesAlternateMac ? [device.macAddress, device.altMacAddress] : [device.macAddress],
  };
}

const MOBILE_KEYS: Keys = {
  id: (device) => [String(device.id)],
  name: (device) => [device.name],
  udid: (device) => [seenIdentifiers(device).udid],
  serialnumber: (device) => [seenIdentifiers(device).serialNumber],
  macaddress: (device) => [seenIdentifiers(device).macAddress],
};

function find(keys: Keys, { params }: Keyed, devices: readonly SimulatedDevice[]): SimulatedDevice | undefined {
  const texts = Object.hasOwn(keys, params.key) ? keys[params.key] : undefined;
  // Addresses are taken in upper and lower case, with colons or without; other ids without case.
  const spelled = (text: string): string => (params.key === "macaddress" ? sameSpelling(text) : text.toLowerCase());
  const wanted = spelled(params.value);
  if (texts === undefined || wanted === "") return undefined;
  return devices.find((device) => texts(device).some((text) => spelled(text) === wanted));
}

/** Computers and mobile devices of the Classic API: whole lists without pages, and one by any of its ids. */
export function classicDeviceRoutes(app: MdmApp, tenant: JamfTenant): void {
  app.get("/computers", async (request, reply) => {
    const rows = computersOf(tenant).map(({ id, name }) => ({ id, name }));
    return sendClassic(request, reply, "computers", rows);
  });
  app.get("/computers/subset/basic", async (request, reply) =>
    sendClassic(request, reply, "computers", computersOf(tenant).map(basicComputer)),
  );
  app.get("/computers/:key/:value", async (request: Keyed, reply) => {
    const device = find(computerKeys(tenant), request, computersOf(tenant));
    if (device === undefined) return sendStatusPage(reply, 404);
    const groups = groupsHolding(groupsOf(tenant, "computer"), device);
    return sendClassic(request, reply, "computer", classicComputer(device, groups));
  });
  app.get("/mobiledevices", async (request, reply) =>
    sendClassic(request, reply, "mobile_devices", mobilesOf(tenant).map(basicMobile)),
  );
  app.get("/mobiledevices/:key/:value", async (request: Keyed, reply) => {
    const device = find(MOBILE_KEYS, request, mobilesOf(tenant));
    if (device === undefined) return sendStatusPage(reply, 404);
    const groups = groupsHolding(groupsOf(tenant, "mobile"), device);
    return sendClassic(request, reply, "mobile_device", classicMobile(device, groups));
  });
}
