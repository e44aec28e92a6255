import type { MdmApp } from "../mdm-server.ts";
import { sendJson } from "./api-error.ts";
import { type Collection, sendCollection } from "./collection.ts";
import { groupsOf, type SimulatedGroup } from "./groups.ts";
import type { JamfTenant } from "./tenant.ts";

const GROUP_TYPE = { computer: "COMPUTER", mobile: "MOBILE" } as const;

/** Groups of both realms in one list; note that their names may repeat across it. */
const GROUPS: Collection<SimulatedGroup> = {
  fields: {
    groupPlatformId: (group) => group.platformId,
    groupJamfProId: (group) => group.id,
    groupName: (group) => group.name,
    groupDescription: (group) => group.description,
    groupType: (group) => GROUP_TYPE[group.realm],
    isSmart: (group) => group.smart,
  },
  filterable: true,
  defaultSort: "groupName:asc",
  shape: (group) => ({
    groupPlatformId: group.platformId,
    groupJamfProId: String(group.id),
    groupName: group.name,
    groupDescription: group.description,
    groupType: GROUP_TYPE[group.realm],
    smart: group.smart,
    membershipCount: group.members.length,
  }),
};

export function groupRoutes(app: MdmApp, tenant: JamfTenant): void {
  for (const path of ["/v1/groups", "/v2/groups"]) {
    app.get(path, async (request, reply) => {
      const all = [...groupsOf(tenant, "computer"), ...groupsOf(tenant, "mobile")];
      return sendCollection(request, reply, tenant, all, GROUPS);
    });
  }
  // Bare arrays, with ids as text for computers and as numbers for mobile devices.
  app.get("/v1/computer-groups", async (_request, reply) => {
    const groups = groupsOf(tenant, "computer");
    return sendJson(
      reply,
      groups.map(({ id, name, description, smart }) => ({ id: String(id), name, description, smartGroup: smart })),
    );
  });
  app.get("/v1/mobile-device-groups", async (_request, reply) => {
    const groups = groupsOf(tenant, "mobile");
    return sendJson(
      reply,
      groups.map(({ id, name, description, smart }) => ({ id, name, description, isSmartGroup: smart })),
    );
  });
}
