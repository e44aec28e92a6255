import type { JamfAccount } from "../../domain/linked-account.ts";
import type { MdmProvider, ProviderDeps } from "../provider.ts";
import { reportOf } from "../report-of.ts";
import { createApi } from "./api.ts";
import { findRecord } from "./find.ts";
import { createInventory } from "./inventory.ts";
import { testJamf } from "./link-test.ts";
import { membershipOf } from "./membership.ts";
import { createSmartGroup } from "./smart-group.ts";
import { judgeRecord } from "./verdict.ts";

/** Jamf Pro: a record, and whether it is a member of the smart group that the administrator named. */
export function createJamf(account: JamfAccount, deps: ProviderDeps): MdmProvider {
  const api = createApi(account, deps);
  const inventory = createInventory(account, api, deps.tokens);
  const group = createSmartGroup(account, api, deps);
  const isMember = membershipOf(account, api, inventory, deps.tokens);
  return {
    test: () => testJamf(account, deps),
    lookUp: async (query) => {
      const startedAt = deps.now();
      const answer = await reportOf(account, await findRecord(inventory, query), (record, matchedBy) =>
        judgeRecord(account.smartGroupName, group, isMember, record, matchedBy),
      );
      return { ...answer, tookMs: deps.now() - startedAt };
    },
  };
}
