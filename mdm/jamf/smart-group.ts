import type { JamfAccount } from "../../domain/linked-account.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import { booleanAt, listAt, textAt } from "../json.ts";
import type { ProviderDeps } from "../provider.ts";
import { accountKey } from "../tokens.ts";
import { type Unreachable, unreachable } from "../unreachable.ts";
import { unexpected, type VendorApi } from "../vendor-api.ts";
import type { GroupFinding, Realm } from "./group-finding.ts";
import { callNegotiated, type RouteFamily } from "./routes.ts";
import { equals } from "./rsql.ts";

/** The account's smart group, found by its name. */
export interface SmartGroup {
  /** As it was found at most a minute ago. */
  recent(realm: Realm): Promise<GroupFinding>;
  /** As it is now. */
  present(realm: Realm): Promise<GroupFinding>;
}

const REMEMBERED_MS = MINUTE_MS;

/** Both realms name the same things differently. The last route of each is the oldest: a bare list of all groups. */
const REALMS = {
  computer: {
    nameField: "name",
    idField: "id",
    smartField: "smartGroup",
    family: {
      name: "computer-groups",
      paths: [
        "/api/v3/computer-groups/smart-groups",
        "/api/v2/computer-groups/smart-groups",
        "/api/v1/computer-groups",
      ],
      absent: [404, 400],
    },
  },
  mobile: {
    nameField: "groupName",
    idField: "groupId",
    smartField: "isSmartGroup",
    family: {
      name: "mobile-device-groups",
      paths: [
        "/api/v2/mobile-device-groups/smart-groups",
        "/api/v1/mobile-device-groups/smart-groups",
        "/api/v1/mobile-device-groups",
      ],
      absent: [404, 400],
    },
  },
} as const satisfies Record<Realm, { family: RouteFamily; nameField: string; idField: string; smartField: string }>;

export function createSmartGroup(account: JamfAccount, api: VendorApi, deps: ProviderDeps): SmartGroup {
  const present = (realm: Realm): Promise<GroupFinding> => resolveGroup(account, api, deps, realm);
  const key = `${accountKey(account)} ${account.smartGroupName}`;
  return { present, recent: (realm) => deps.tokens.groups.take(`${key} ${realm}`, () => present(realm)) };
}

async function resolveGroup(
  account: JamfAccount,
  api: VendorApi,
  { tokens, now }: ProviderDeps,
  realm: Realm,
): Promise<GroupFinding> {
  const { family, nameField } = REALMS[realm];
  const query = `?page-size=2000&filter=${encodeURIComponent(equals(nameField, account.smartGroupName))}`;
  const { answer } = await callNegotiated(api, tokens.routes, accountKey(account), family, query);
  const fault = (of: Unreachable): GroupFinding => ({ kind: "fault", fault: of, freshUntil: 0 });
  if (answer.kind === "unreachable") return fault(answer);
  if (answer.status !== 200) return fault(unexpected(account, answer, `a search of ${family.name}`));
  const rows = Array.isArray(answer.body) ? (answer.body as readonly unknown[]) : listAt(answer.body, "results");
  if (rows === undefined) {
    return fault(
      unreachable("unreadable", `Jamf Pro answered a search of ${family.name} with something that is no list`),
    );
  }
  const groupId = groupIdIn(rows, realm, account.smartGroupName);
  const freshUntil = now() + REMEMBERED_MS;
  return groupId === undefined ? { kind: "missing", freshUntil } : { kind: "found", groupId, freshUntil };
}

/** Compared here too: a bare list holds every group, and a database may not tell cases apart. */
function groupIdIn(rows: readonly unknown[], realm: Realm, name: string): string | undefined {
  const { nameField, idField, smartField } = REALMS[realm];
  const row = rows.find(
    (candidate) =>
      (textAt(candidate, nameField) ?? textAt(candidate, "name")) === name.trim() &&
      booleanAt(candidate, smartField) !== false,
  );
  return textAt(row, idField) ?? textAt(row, "id");
}
