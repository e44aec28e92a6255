import type { JamfAccount } from "../../domain/linked-account.ts";
import { listAt } from "../json.ts";
import { accountKey, type TokenCache } from "../tokens.ts";
import { type Unreachable, unreachable } from "../unreachable.ts";
import { unexpected, type VendorApi } from "../vendor-api.ts";
import type { Inventory } from "./inventory.ts";
import type { JamfRecord, Membership } from "./record.ts";
import { callNegotiated, type RouteFamily } from "./routes.ts";
import { both, equals } from "./rsql.ts";

type MembershipFinding = "member" | "notMember" | Unreachable;

/** Whether a record is in the smart group. */
export type IsMember = (record: JamfRecord, groupId: string) => Promise<MembershipFinding>;

/**
 * Says so from the record itself, which lists its groups. A server that leaves that section out is asked once more: for
 * the ids of a computer group's members, or for the mobile device within the group.
 */
export function membershipOf(account: JamfAccount, api: VendorApi, inventory: Inventory, tokens: TokenCache): IsMember {
  const { smartGroupName } = account;
  return async (record, groupId) => {
    if (record.memberships !== undefined) {
      const holds = record.memberships.some((row) => isOfGroup(row, groupId, smartGroupName));
      return holds ? "member" : "notMember";
    }
    if (record.realm === "computer") return amongMembers(account, api, tokens, record, groupId);
    const filter = both(equals("groupName", smartGroupName), equals("mobileDeviceId", record.device.recordId));
    const page = await inventory.read("mobile", filter, 1);
    if (page.kind === "unreachable") return page;
    return page.records.some(({ device }) => device.recordId === record.device.recordId) ? "member" : "notMember";
  };
}

/** A group that was deleted and made anew since its id was learned still has its name. */
function isOfGroup({ groupId, groupName, smart }: Membership, wantedId: string, wantedName: string): boolean {
  return smart !== false && (groupId === wantedId || groupName === wantedName);
}

async function amongMembers(
  account: JamfAccount,
  api: VendorApi,
  { routes }: TokenCache,
  { device }: JamfRecord,
  groupId: string,
): Promise<MembershipFinding> {
  const family: RouteFamily = {
    name: "smart-group-membership",
    paths: [3, 2].map(
      (version) => `/api/v${version}/computer-groups/smart-group-membership/${encodeURIComponent(groupId)}`,
    ),
    absent: [404],
  };
  const { answer } = await callNegotiated(api, routes, accountKey(account), family, "");
  if (answer.kind === "unreachable") return answer;
  // A 404 may be a group that went away or a server without the route: neither says that the device is no member.
  if (answer.status !== 200) return unexpected(account, answer, "a question for a group's members");
  const members = listAt(answer.body, "members");
  if (members === undefined)
    return unreachable("unreadable", "Jamf Pro answered with something that is no list of members");
  return members.some((id) => String(id) === device.recordId) ? "member" : "notMember";
}
