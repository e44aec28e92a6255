import type { SimulatedDevice } from "../mdm-device.ts";
import { MdmTenant } from "../mdm-tenant.ts";

/** How the tenant behaves; the comment on each says what is known. All can be changed while it runs. */
export interface JamfSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Set by the customer on the API client; the vendor's example says 60. */
  readonly tokenLifetimeSeconds: number;
  /** Decides which endpoint versions exist (versions.ts). */
  readonly serverVersion: string;
  /** Routes taken away early, in the form of versions.ts, as Jamf may do a year after it deprecates them. */
  readonly withdrawnRoutes: readonly string[];
  /** Whoever is compliant is a member of the group of this name. */
  readonly smartGroupName: string;
  /** Number of that group among computer groups; `null`: there is none. A group made anew has a new number. */
  readonly computerGroupId: number | null;
  /** The same among mobile device groups. */
  readonly mobileGroupId: number | null;
  /** Whether filters tell "A4" from "a4". Unknown of the real server, whose database usually does not. */
  readonly caseSensitiveFilters: boolean;
  /** Whether Classic finds a computer by its second address. Unknown of the real server. */
  readonly classicMatchesAlternateMac: boolean;
}

export type JamfTenant = MdmTenant<JamfSettings>;

/** Jamf keeps computers and mobile devices apart: endpoints, groups and numbers. */
export type Realm = "computer" | "mobile";

export function createTenant(
  given: Pick<JamfSettings, "clientId" | "clientSecret" | "smartGroupName">,
  now: () => number,
): JamfTenant {
  const settings: JamfSettings = {
    tokenLifetimeSeconds: 300,
    serverVersion: "11.30.1-t1784555528405",
    withdrawnRoutes: [],
    computerGroupId: 7,
    mobileGroupId: 9,
    caseSensitiveFilters: false,
    classicMatchesAlternateMac: false,
    ...given,
  };
  return new MdmTenant(settings, { firstId: 1, sequenceOf: (kind) => (kind === "mac" ? "computer" : "mobile"), now });
}

export function computersOf(tenant: JamfTenant): readonly SimulatedDevice[] {
  return tenant.devices.all.filter(({ kind }) => kind === "mac");
}

/** Windows and Android devices never appear: Jamf Pro manages Apple's only. */
export function mobilesOf(tenant: JamfTenant): readonly SimulatedDevice[] {
  return tenant.devices.all.filter(({ kind }) => kind === "iphone" || kind === "ipad" || kind === "appletv");
}

/** An unenrolled device stays in the inventory, as an unmanaged record. */
export function isManaged(device: SimulatedDevice): boolean {
  return ["enrolled", "enterpriseWipePending", "deviceWipePending"].includes(device.enrollment);
}
