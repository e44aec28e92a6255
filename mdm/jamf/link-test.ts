import type { JamfAccount } from "../../domain/linked-account.ts";
import { connectStep, failed, passed, runLinkTest, type Step, tokenStep } from "../link-test.ts";
import type { LinkStep, LinkTest, ProviderDeps } from "../provider.ts";
import { createTokenCache } from "../tokens.ts";
import { createApi, ROLES_SCREEN } from "./api.ts";
import type { Realm } from "./group-finding.ts";
import { createInventory, type Inventory } from "./inventory.ts";
import { createSmartGroup, type SmartGroup } from "./smart-group.ts";

const PRIVILEGES = "Check the privileges";
const SAMPLE = "Read a device";
const GROUP = "Find the smart group";

const REALMS: readonly Realm[] = ["computer", "mobile"];
const READ_DEVICES: Readonly<Record<Realm, string>> = { computer: "Read Computers", mobile: "Read Mobile Devices" };
const READ_GROUPS: Readonly<Record<Realm, string>> = {
  computer: "Read Smart Computer Groups and Read Static Computer Groups",
  mobile: "Read Smart Mobile Device Groups",
};

export function testJamf(account: JamfAccount, given: ProviderDeps): Promise<LinkTest> {
  const deps = { ...given, tokens: createTokenCache(given.now) };
  const api = createApi(account, deps);
  const inventory = createInventory(account, api, deps.tokens);
  const group = createSmartGroup(account, api, deps);
  return runLinkTest([
    connectStep(deps.http, account),
    tokenStep(account, api),
    devicesStep(inventory),
    groupStep(account, group),
  ]);
}

/** One record of each realm: whether the role may read them, whether they can be read, and how many there are. */
function devicesStep(inventory: Inventory): Step {
  return async () => {
    let deviceCount = 0;
    for (const realm of REALMS) {
      const page = await inventory.read(realm, undefined, 1);
      if (page.kind === "unreachable") {
        const isPrivilege = page.cause === "forbidden";
        return { steps: [isPrivilege ? lacking(READ_DEVICES[realm]) : failed(SAMPLE, page.detail)] };
      }
      deviceCount += page.totalCount;
    }
    const allowed = passed(PRIVILEGES, "the API role may read computers and mobile devices");
    return { steps: [allowed, passed(SAMPLE, `${deviceCount} devices in the tenant`)], deviceCount };
  };
}

/** The group must be there, in one realm at least: without it no device can be judged. */
function groupStep({ smartGroupName }: JamfAccount, group: SmartGroup): Step {
  return async () => {
    const homes: Realm[] = [];
    for (const realm of REALMS) {
      const finding = await group.present(realm);
      if (finding.kind === "fault") {
        const isPrivilege = finding.fault.cause === "forbidden";
        return { steps: [isPrivilege ? lacking(READ_GROUPS[realm]) : failed(GROUP, finding.fault.detail)] };
      }
      if (finding.kind === "found") homes.push(realm);
    }
    if (homes.length > 0)
      return { steps: [passed(GROUP, `"${smartGroupName}" exists for ${homes.join(" and ")} devices`)] };
    const where = "Computers → Smart Computer Groups, or Devices → Smart Device Groups";
    return {
      steps: [
        failed(GROUP, `no smart group is named "${smartGroupName}", for computers or for mobile devices; see ${where}`),
      ],
    };
  };
}

function lacking(privilege: string): LinkStep {
  return failed(PRIVILEGES, `the API role lacks ${privilege}; add it at ${ROLES_SCREEN}`);
}
