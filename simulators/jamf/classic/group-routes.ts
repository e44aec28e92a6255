import type { FastifyRequest } from "fastify";
import type { MdmApp } from "../../mdm-server.ts";
import { groupsOf } from "../groups.ts";
import type { JamfTenant, Realm } from "../tenant.ts";
import { sendClassic, sendStatusPage } from "./answer.ts";
import { classicGroup } from "./records.ts";

type Keyed = FastifyRequest<{ Params: { value: string } }>;

const PATHS = [
  { realm: "computer", path: "/computergroups", list: "computer_groups", one: "computer_group" },
  { realm: "mobile", path: "/mobiledevicegroups", list: "mobile_device_groups", one: "mobile_device_group" },
] as const satisfies readonly { realm: Realm; path: string; list: string; one: string }[];

/** Groups of the Classic API, by number or by name, with all their members on one page. */
export function classicGroupRoutes(app: MdmApp, tenant: JamfTenant): void {
  for (const { realm, path, list, one } of PATHS) {
    app.get(path, async (request, reply) => {
      const rows = groupsOf(tenant, realm).map(({ id, name, smart }) => ({ id, name, is_smart: smart }));
      return sendClassic(request, reply, list, rows);
    });
    for (const key of ["id", "name"] as const) {
      app.get(`${path}/${key}/:value`, async (request: Keyed, reply) => {
        const { value } = request.params;
        const group = groupsOf(tenant, realm).find((candidate) => String(candidate[key]) === value);
        if (group === undefined) return sendStatusPage(reply, 404);
        return sendClassic(request, reply, one, classicGroup(group));
      });
    }
  }
}
