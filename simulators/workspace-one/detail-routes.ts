import type { FastifyReply, FastifyRequest } from "fastify";
import type { SimulatedDevice } from "../mdm-device.ts";
import type { MdmApp } from "../mdm-server.ts";
import { colonMac } from "../notation.ts";
import { readQuery } from "../query.ts";
import { send, sendError, sendNotFoundPage, stampVersion } from "./answer.ts";
import { zoneless } from "./device-record.ts";
import { badArgument, DEVICE_NOT_FOUND } from "./errors.ts";
import { alternativeId, devicesBy, newest } from "./lookup.ts";
import type { WorkspaceOneTenant } from "./tenant.ts";

const CHECK_INTERVAL_MS = 4 * 60 * 60 * 1000;

/** One policy judges every device; fields from the vendor's specification of `DeviceCompliance`. */
function complianceDetail(device: SimulatedDevice): object {
  const policy = {
    CompliantStatus: device.compliance === "compliant",
    PolicyName: "Disk encryption",
    PolicyDetail: "Encryption is on",
    LastComplianceCheck: zoneless(device.statusChangedAt),
    NextComplianceCheck: zoneless(device.statusChangedAt + CHECK_INTERVAL_MS),
    ActionTaken: device.compliance === "noncompliant" ? [{ ActionType: 0 }] : [],
    Id: { Value: 1 },
    Uuid: "0b8f3c52-6a1e-4c0e-9d57-2c7d0f6f8a41",
  };
  return { DeviceCompliance: [policy], Page: 0, PageSize: 500, Total: 1 };
}

function networkDetail(device: SimulatedDevice): object {
  return {
    PhoneNumber: "",
    RoamingStatus: false,
    DataRoamingEnabled: false,
    VoiceRoamingEnabled: false,
    IPAddress: { WifiIPAddress: "", CellularIPAddress: "" },
    CellularNetworkInfo: {},
    WifiInfo: { WifiMacAddress: colonMac(device.macAddress) },
  };
}

type Detail = (device: SimulatedDevice) => object;

/** What UEM says of one device beside its record: the policies it fails, and its networks. */
export function detailRoutes(app: MdmApp, { devices }: WorkspaceOneTenant): void {
  const answer = (
    request: FastifyRequest,
    reply: FastifyReply,
    device: SimulatedDevice | undefined,
    detail: Detail,
  ): FastifyReply => {
    stampVersion(request, reply, [1]);
    if (device === undefined) return sendError(request, reply, DEVICE_NOT_FOUND);
    return send(request, reply, "DeviceDetail", detail(device));
  };
  const byNumber =
    (detail: Detail) => async (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) => {
      const { id } = request.params;
      if (!/^\d+$/.test(id)) return sendNotFoundPage(reply);
      return answer(
        request,
        reply,
        devices.all.find((device) => device.id === Number(id)),
        detail,
      );
    };

  app.get("/mdm/devices/:id/compliance", byNumber(complianceDetail));
  app.get("/mdm/devices/:id/network", byNumber(networkDetail));
  app.get("/mdm/devices/compliance", async (request, reply) => {
    const query = readQuery(request.url, "anyCase");
    const of = alternativeId(query.one("searchby"));
    const id = query.one("id");
    if (of === undefined || id === undefined)
      return sendError(request, reply, badArgument("searchby and id must be given."));
    return answer(request, reply, newest(devicesBy(of, [id], devices.all)), complianceDetail);
  });
}
