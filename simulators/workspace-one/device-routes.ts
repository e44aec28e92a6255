import type { FastifyReply, FastifyRequest } from "fastify";
import type { SimulatedDevice } from "../mdm-device.ts";
import type { MdmApp } from "../mdm-server.ts";
import { readQuery } from "../query.ts";
import { send, sendError, sendNotFoundPage, stampVersion } from "./answer.ts";
import { deviceByUuid } from "./device-by-uuid.ts";
import { ENROLLMENT, withNetworks } from "./device-record.ts";
import { badArgument, DEVICE_NOT_FOUND } from "./errors.ts";
import { alternativeId, deviceByUuidText, devicesBy, newest } from "./lookup.ts";
import type { WorkspaceOneTenant } from "./tenant.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function answerOne(request: FastifyRequest, reply: FastifyReply, device: SimulatedDevice | undefined): FastifyReply {
  stampVersion(request, reply, [1]);
  if (device === undefined) return sendError(request, reply, DEVICE_NOT_FOUND);
  return send(request, reply, "Device", withNetworks(device));
}

/** Reads of one device: by any of its ids, by number (version 1's shape) and by UUID (version 2's shape). */
export function deviceRoutes(app: MdmApp, { devices }: WorkspaceOneTenant): void {
  app.get("/mdm/devices", async (request, reply) => {
    const query = readQuery(request.url, "anyCase");
    const of = alternativeId(query.one("searchby"));
    const id = query.one("id");
    if (of === undefined || id === undefined)
      return sendError(request, reply, badArgument("searchby and id must be given."));
    return answerOne(request, reply, newest(devicesBy(of, [id], devices.all)));
  });

  app.get<{ Params: { id: string } }>("/mdm/devices/:id", async (request, reply) => {
    const { id } = request.params;
    if (/^\d+$/.test(id))
      return answerOne(
        request,
        reply,
        devices.all.find((device) => device.id === Number(id)),
      );
    if (!UUID.test(id)) return sendNotFoundPage(reply);
    stampVersion(request, reply, [2, 3, 4]);
    const device = deviceByUuidText(id, devices.all);
    return device === undefined
      ? sendError(request, reply, DEVICE_NOT_FOUND)
      : send(request, reply, "Device", deviceByUuid(device));
  });

  app.get<{ Params: { udid: string } }>("/mdm/devices/udid/:udid", async (request, reply) =>
    answerOne(request, reply, newest(devicesBy((device) => device.udid, [request.params.udid], devices.all))),
  );

  app.get<{ Params: { udid: string } }>("/mdm/devices/udid/:udid/deviceenrollmentstatus", async (request, reply) => {
    stampVersion(request, reply, [1]);
    const device = newest(devicesBy((candidate) => candidate.udid, [request.params.udid], devices.all));
    // The name of the root and of its one field are our reading of the Swagger documents; no recording is known.
    if (device === undefined) return sendError(request, reply, DEVICE_NOT_FOUND);
    return send(request, reply, "DeviceEnrollmentStatus", { EnrollmentStatus: ENROLLMENT[device.enrollment] });
  });
}
