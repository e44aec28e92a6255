import type { WorkspaceOneAccount } from "../../domain/linked-account.ts";
import type { MdmProvider, ProviderDeps } from "../provider.ts";
import { reportOf } from "../report-of.ts";
import { createApi } from "./api.ts";
import { findRecord } from "./find.ts";
import { testWorkspaceOne } from "./link-test.ts";
import { judgeRecord } from "./verdict.ts";

/** Workspace ONE UEM: the record itself says what UEM thinks of the device. */
export function createWorkspaceOne(account: WorkspaceOneAccount, deps: ProviderDeps): MdmProvider {
  const api = createApi(account, deps);
  return {
    test: () => testWorkspaceOne(account, deps),
    lookUp: async (query) => {
      const startedAt = deps.now();
      const answer = await reportOf(account, await findRecord(account, api, query), judgeRecord);
      return { ...answer, tookMs: deps.now() - startedAt };
    },
  };
}
