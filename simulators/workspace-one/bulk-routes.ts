import type { FastifyReply, FastifyRequest } from "fastify";
import type { MdmApp } from "../mdm-server.ts";
import { readQuery } from "../query.ts";
import { send, sendError, stampVersion } from "./answer.ts";
import { deviceRecord } from "./device-record.ts";
import { badArgument, DEVICE_NOT_FOUND, type UemError } from "./errors.ts";
import { alternativeId, devicesBy } from "./lookup.ts";
import type { WorkspaceOneTenant } from "./tenant.ts";

/**
 * The real endpoint deletes every device in the list, and differs from the bulk read by one word of its path. A client
 * that comes here has a bug that would wipe a customer's tenant.
 */
const DELETION_REFUSED: UemError = {
  status: 403,
  errorCode: 403,
  message: "POST /mdm/devices/bulk DELETES devices. The simulator refuses it: a NAC never has a reason to call it.",
};

/** The list of `{"BulkValues":{"Value":[…]}}`; `value` is accepted too. */
function bulkValues(body: unknown): readonly string[] | undefined {
  const { BulkValues } = (body ?? {}) as { BulkValues?: { Value?: unknown; value?: unknown } };
  const list = BulkValues?.Value ?? BulkValues?.value;
  return Array.isArray(list) ? list.map((value) => String(value)) : undefined;
}

/** Reads of many devices at once: the answer holds those found and says nothing of the others. */
export function bulkRoutes(app: MdmApp, tenant: WorkspaceOneTenant): void {
  const read = (request: FastifyRequest, reply: FastifyReply, searchBy: string | undefined): FastifyReply => {
    stampVersion(request, reply, [1]);
    const { bulkMaximum, bulkNotFound } = tenant.settings;
    const of = alternativeId(searchBy);
    const values = bulkValues(request.body);
    if (of === undefined) return sendError(request, reply, badArgument("searchby must name an alternative id."));
    if (values === undefined) return sendError(request, reply, badArgument("BulkValues must hold a list Value."));
    if (values.length > bulkMaximum) return sendError(request, reply, badArgument(`At most ${bulkMaximum} values.`));
    const found = devicesBy(of, values, tenant.devices.all);
    if (found.length === 0 && bulkNotFound === 404) return sendError(request, reply, DEVICE_NOT_FOUND);
    const body = { Devices: found.map(deviceRecord), Page: 0, PageSize: 500, Total: found.length };
    return send(request, reply, "DeviceSearchResult", body);
  };

  app.post("/mdm/devices", async (request, reply) =>
    read(request, reply, readQuery(request.url, "anyCase").one("searchby")),
  );
  app.post("/mdm/devices/id", async (request, reply) => read(request, reply, "DeviceId"));
  app.post("/mdm/devices/bulk", async (request, reply) => {
    process.emitWarning(DELETION_REFUSED.message, "PortcullisSimulatorWarning");
    return sendError(request, reply, DELETION_REFUSED);
  });
}
