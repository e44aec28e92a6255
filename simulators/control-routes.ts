import { Type } from "typebox";
import type { Fault } from "./faults.ts";
import { FAULT_SCOPES } from "./faults.ts";
import {
  COMPLIANCE_STATES,
  DEVICE_KINDS,
  ENROLLMENT_STATES,
  OWNERSHIPS,
  type DeviceChange,
  type NewDevice,
} from "./mdm-device.ts";
import type { FastifyInstance } from "fastify";
import type { MdmTenant } from "./mdm-tenant.ts";

const instant = Type.Integer({ minimum: 0 });
const oneOf = <Text extends string>(texts: readonly Text[]) => Type.Unsafe<Text>({ type: "string", enum: texts });
const changeable = {
  name: Type.Optional(Type.String()),
  udid: Type.Optional(Type.String()),
  serialNumber: Type.Optional(Type.String()),
  macAddress: Type.Optional(Type.String()),
  altMacAddress: Type.Optional(Type.String()),
  user: Type.Optional(Type.String()),
  model: Type.Optional(Type.String()),
  osVersion: Type.Optional(Type.String()),
  ownership: Type.Optional(oneOf(OWNERSHIPS)),
  enrollment: Type.Optional(oneOf(ENROLLMENT_STATES)),
  compliance: Type.Optional(oneOf(COMPLIANCE_STATES)),
  compromised: Type.Optional(Type.Boolean()),
  enrolledAt: Type.Optional(instant),
  seenAt: Type.Optional(instant),
  reportedAt: Type.Optional(instant),
  statusChangedAt: Type.Optional(instant),
};
const strict = { additionalProperties: false };
const deviceChange = Type.Object(changeable, strict);
const newDevice = Type.Object({ ...changeable, kind: oneOf(DEVICE_KINDS), uuid: Type.Optional(Type.String()) }, strict);
const aim = {
  scope: Type.Optional(oneOf(FAULT_SCOPES)),
  path: Type.Optional(Type.String()),
  times: Type.Optional(Type.Integer({ minimum: 1 })),
};
const statusFault = {
  ...aim,
  kind: Type.Literal("status"),
  status: Type.Integer({ minimum: 200, maximum: 599 }),
  retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
};
const fault = Type.Union([
  Type.Object(statusFault, strict),
  Type.Object({ ...aim, kind: Type.Literal("slow"), delayMs: Type.Integer({ minimum: 0 }) }, strict),
  Type.Object({ ...aim, kind: oneOf(["html", "halfOpen", "reset"]) }, strict),
]);

type Named = { Params: { key: string } };

function deviceRoutes<S extends object>(app: FastifyInstance, { devices }: MdmTenant<S>): void {
  app.get("/devices", async () => devices.all);
  app.post<{ Body: NewDevice }>("/devices", { schema: { body: newDevice } }, async (request, reply) =>
    reply.code(201).send(devices.add(request.body)),
  );
  app.get<Named>("/devices/:key", async (request) => {
    const found = devices.matching(request.params.key);
    if (found.length === 0) throw new RangeError(`no device "${request.params.key}"`);
    return found;
  });
  app.put<Named & { Body: DeviceChange }>("/devices/:key", { schema: { body: deviceChange } }, async (request) =>
    devices.change(request.params.key, request.body),
  );
  app.post<Named & { Body: DeviceChange }>(
    "/devices/:key/duplicate",
    { schema: { body: deviceChange } },
    async (request, reply) => reply.code(201).send(devices.duplicate(request.params.key, request.body)),
  );
  app.delete<Named>("/devices/:key", async (request, reply) => {
    devices.remove(request.params.key);
    return reply.code(204).send();
  });
}

function faultRoutes<S extends object>(app: FastifyInstance, { faults }: MdmTenant<S>): void {
  app.get("/faults", async () => faults.all);
  app.post<{ Body: Fault }>("/faults", { schema: { body: fault } }, async (request, reply) => {
    faults.inject(request.body);
    return reply.code(201).send(faults.all);
  });
  app.delete("/faults", async (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}

/** The tenant's control surface as JSON over HTTP, for a person with curl. Relative to the prefix `/__control`. */
export function controlRoutes<S extends object>(app: FastifyInstance, tenant: MdmTenant<S>): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error instanceof RangeError ? 404 : (error.statusCode ?? 500)).send({ error: error.message }),
  );
  deviceRoutes(app, tenant);
  faultRoutes(app, tenant);
  app.get("/calls", async () => tenant.calls.all);
  app.delete("/calls", async (_request, reply) => {
    tenant.calls.clear();
    return reply.code(204).send();
  });
  app.delete("/tokens", async (_request, reply) => {
    tenant.tokens.revokeAll();
    return reply.code(204).send();
  });
  app.get("/settings", async () => shown(tenant.settings));
  app.put("/settings", async (request, reply) => {
    const change = settingsChange(tenant.settings, request.body);
    if (change === undefined)
      return reply.code(400).send({ error: `settings are ${Object.keys(tenant.settings).join(", ")}` });
    tenant.configure(change);
    return shown(tenant.settings);
  });
}

/** `body` as a change of settings; `undefined` unless each of its fields is a setting. */
function settingsChange<S extends object>(settings: Readonly<S>, body: unknown): Partial<S> | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  return Object.keys(body).every((name) => name in settings) ? body : undefined;
}

/** Everything but the client's secret. */
function shown(settings: object): object {
  return { ...settings, clientSecret: "[redacted]" };
}
