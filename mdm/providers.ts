import type { LinkedAccount } from "../domain/linked-account.ts";
import { createJamf } from "./jamf/provider.ts";
import type { MdmProvider, ProviderDeps } from "./provider.ts";
import { createWorkspaceOne } from "./workspace-one/provider.ts";

/** The client of `account`'s vendor. Cheap: what is worth remembering lives in `deps.tokens`. */
export function createProvider(account: LinkedAccount, deps: ProviderDeps): MdmProvider {
  switch (account.kind) {
    case "vmware":
      return createWorkspaceOne(account, deps);
    case "jamf":
      return createJamf(account, deps);
  }
}
