import type { FastifyRequest } from "fastify";
import type { MdmApp } from "../mdm-server.ts";
import { sendJson, sendUnknownId } from "./api-error.ts";
import { type Collection, sendCollection } from "./collection.ts";
import { type SimulatedGroup, smartGroupsOf } from "./groups.ts";
import type { JamfTenant } from "./tenant.ts";

const SMART_GROUPS: Collection<SimulatedGroup> = {
  fields: { id: (group) => group.id, name: (group) => group.name, siteId: () => -1 },
  filterable: true,
  defaultSort: "id:asc",
  shape: (group) => ({
    id: String(group.id),
    siteId: "-1",
    name: group.name,
    description: group.description,
    membershipCount: group.members.length,
  }),
};

/** Smart groups of computers. Membership is a list of numbers and nothing else: no address, no UDID, no pages. */
export function computerGroupRoutes(app: MdmApp, tenant: JamfTenant): void {
  for (const version of ["v2", "v3"]) {
    app.get(`/${version}/computer-groups/smart-groups`, async (request, reply) =>
      sendCollection(request, reply, tenant, smartGroupsOf(tenant, "computer"), SMART_GROUPS),
    );
    app.get(
      `/${version}/computer-groups/smart-group-membership/:id`,
      async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
        const { id } = request.params;
        const group = smartGroupsOf(tenant, "computer").find((candidate) => String(candidate.id) === id);
        if (group === undefined) return sendUnknownId(reply, id);
        return sendJson(reply, { members: group.members.map((device) => device.id) });
      },
    );
  }
}
