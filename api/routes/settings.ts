import { changeSetting, loadEdgeSettings } from "../../store/settings.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { badRequest } from "../failure.ts";
import { mistOperation } from "../operation.ts";
import { OrganizationPath, ref } from "../schemas/common.ts";
import { Setting, SettingChange } from "../schemas/setting.ts";
import { droppedFields, mistSetting, settingChange } from "../shapes/setting.ts";

const tags = ["installation"];

/** Mist's org setting, as much of it as an edge obeys. What is written here is in force without a restart. */
export function settingRoutes(app: Api, { store, now }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/setting",
    mistOperation({
      operationId: "getSetting",
      summary: "Certificates and MDM options of the edges; never a private key",
      tags,
      params: OrganizationPath,
      answer: ref(Setting),
    }),
    async ({ caller: { organizationId } }) =>
      mistSetting(organizationId, await loadEdgeSettings(store, organizationId)),
  );

  app.put(
    "/orgs/:org_id/setting",
    mistOperation({
      operationId: "updateSetting",
      summary: "Change settings: checked first, then in force on every edge without a restart",
      tags,
      params: OrganizationPath,
      body: SettingChange,
      answer: ref(Setting),
    }),
    async ({ caller: { organizationId }, body }) => {
      await changeSetting(store, organizationId, (inForce) => {
        const change = settingChange(body, inForce, now());
        if (change.kind === "faulty") throw badRequest("invalidSetting", change.faults.join("; "));
        return change.value;
      });
      return mistSetting(organizationId, await loadEdgeSettings(store, organizationId), droppedFields(body));
    },
  );
}
