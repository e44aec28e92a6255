import type { FastifyRequest } from "fastify";
import type { SimulatedDevice } from "../mdm-device.ts";
import type { MdmApp } from "../mdm-server.ts";
import { sendUnknownId } from "./api-error.ts";
import { type Collection, sendCollection } from "./collection.ts";
import { type SimulatedGroup, smartGroupsOf } from "./groups.ts";
import { mobileMember } from "./mobile-record.ts";
import { MOBILE_FIELDS } from "./mobile-routes.ts";
import type { JamfTenant } from "./tenant.ts";

/** Other names than the computers' groups have for the same things. */
const SMART_GROUPS: Collection<SimulatedGroup> = {
  fields: { groupId: (group) => group.id, groupName: (group) => group.name, siteId: () => -1 },
  filterable: true,
  defaultSort: "groupId:asc",
  shape: (group) => ({
    groupId: String(group.id),
    groupName: group.name,
    groupDescription: group.description,
    siteId: "-1",
    count: group.members.length,
  }),
};

/** Rows by name, although the vendor's text says by number. */
const MEMBERS: Collection<SimulatedDevice> = {
  fields: MOBILE_FIELDS,
  filterable: true,
  defaultSort: "displayName:asc",
  shape: mobileMember,
};

/** Smart groups of mobile devices. Membership is a paged list of flat rows that can be filtered. */
export function mobileGroupRoutes(app: MdmApp, tenant: JamfTenant): void {
  for (const version of ["v1", "v2"]) {
    app.get(`/${version}/mobile-device-groups/smart-groups`, async (request, reply) =>
      sendCollection(request, reply, tenant, smartGroupsOf(tenant, "mobile"), SMART_GROUPS),
    );
    app.get(
      `/${version}/mobile-device-groups/smart-group-membership/:id`,
      async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
        const { id } = request.params;
        const group = smartGroupsOf(tenant, "mobile").find((candidate) => String(candidate.id) === id);
        if (group === undefined) return sendUnknownId(reply, id);
        return sendCollection(request, reply, tenant, group.members, MEMBERS);
      },
    );
  }
}
