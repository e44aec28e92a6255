import type { JamfSettings } from "./tenant.ts";

/**
 * First server version of each route that came late, by route pattern without `/api`. The newest of each family are
 * dated by Jamf's deprecation notices (11.28, 11.30); the others are our reading of its release dates.
 */
const FIRST_VERSION: Readonly<Record<string, string>> = {
  "/oauth/token": "10.49",
  "/v1/oauth/token": "11.25",
  "/v2/computers-inventory": "11.18",
  "/v3/computers-inventory": "11.23",
  "/v4/computers-inventory": "11.30",
  "/v2/computer-groups": "11.13",
  "/v3/computer-groups": "11.28",
  "/v2/mobile-device-groups": "11.28",
  "/v1/groups": "11.20",
  "/v2/groups": "11.28",
};

type ServerVersion = Pick<JamfSettings, "serverVersion" | "withdrawnRoutes">;

/** Whether a server of this version has the route; sub-routes share the fate of their family. */
export function hasRoute(settings: ServerVersion, pattern: string): boolean {
  const path = pattern.replace(/^\/api/, "");
  const within = (family: string): boolean => path === family || new RegExp(`^${family}[/-]`).test(path);
  const first = Object.entries(FIRST_VERSION).filter(([family]) => within(family));
  const oldEnough = first.every(([, version]) => compareVersions(settings.serverVersion, version) >= 0);
  return oldEnough && !settings.withdrawnRoutes.some(within);
}

/** By major and minor number alone: "11.30.1-t1784555528405" is 11.30. */
function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
