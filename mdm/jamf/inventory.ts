import type { JamfAccount } from "../../domain/linked-account.ts";
import { countAt } from "../json.ts";
import { accountKey, type TokenCache } from "../tokens.ts";
import { type Unreachable, unreachable } from "../unreachable.ts";
import { unexpected, type VendorApi } from "../vendor-api.ts";
import type { Realm } from "./group-finding.ts";
import { type JamfRecord, readPage } from "./record.ts";
import { callNegotiated, type RouteFamily } from "./routes.ts";

/** One page of records of a realm. */
type Page =
  | { readonly kind: "page"; readonly records: readonly JamfRecord[]; readonly totalCount: number }
  | Unreachable;

/** The inventory of both realms. */
export interface Inventory {
  /** The first page of the records that fit an RSQL filter, or of all. */
  read(realm: Realm, filter: string | undefined, pageSize: number): Promise<Page>;
}

/**
 * Versions 1 to 3 of the computers are deprecated and 4 is young: a server has some of them. Mobile devices have one
 * version, whose old servers may not know `exception-handling`; without it one bad record is a 500 for its whole page.
 */
const FAMILIES: Readonly<Record<Realm, RouteFamily>> = {
  computer: {
    name: "computers-inventory",
    paths: [4, 3, 2, 1].map(
      (version) =>
        `/api/v${version}/computers-inventory` +
        "?section=GENERAL&section=HARDWARE&section=OPERATING_SYSTEM&section=GROUP_MEMBERSHIPS&sort=id%3Aasc",
    ),
    absent: [404],
  },
  mobile: {
    name: "mobile-devices",
    paths: ["&exception-handling=LENIENT", ""].map(
      (handling) =>
        `/api/v2/mobile-devices/detail?section=GENERAL&section=HARDWARE&section=GROUPS&sort=mobileDeviceId%3Aasc${handling}`,
    ),
    absent: [400],
  },
};

export function createInventory(account: JamfAccount, api: VendorApi, { routes }: TokenCache): Inventory {
  return {
    read: async (realm, filter, pageSize) => {
      const family = FAMILIES[realm];
      const filtered = filter === undefined ? "" : `&filter=${encodeURIComponent(filter)}`;
      const query = `&page=0&page-size=${pageSize}${filtered}`;
      const { answer } = await callNegotiated(api, routes, accountKey(account), family, query);
      if (answer.kind === "unreachable") return answer;
      if (answer.status !== 200) return unexpected(account, answer, `a search of ${family.name}`);
      const records = readPage(realm, answer.body);
      if (records !== undefined) {
        return { kind: "page", records, totalCount: countAt(answer.body, "totalCount") ?? records.length };
      }
      return unreachable(
        "unreadable",
        `Jamf Pro answered a search of ${family.name} with something that is no page of it`,
      );
    },
  };
}
