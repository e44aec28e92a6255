import { hasRoute } from "../../../simulators/jamf/versions.ts";

const at = (serverVersion: string, withdrawnRoutes: readonly string[] = []) => ({ serverVersion, withdrawnRoutes });

test.each([
  ["/api/v4/computers-inventory", "11.29.2-t1", "11.30.0-t1"],
  ["/api/v4/computers-inventory-detail/:id", "11.29.2", "11.30"],
  ["/api/v3/computers-inventory/:id", "11.18.0", "11.23.0"],
  ["/api/v3/computer-groups/smart-group-membership/:id", "11.27.0", "11.28.0"],
  ["/api/v2/mobile-device-groups/smart-groups", "11.9.0", "11.28.0"],
  ["/api/v2/groups", "10.49.0", "12.0.0"],
])("%s is not there at %s and is at %s", (route, before, after) => {
  expect([hasRoute(at(before), route), hasRoute(at(after), route)]).toEqual([false, true]);
});

test("a withdrawn family goes with its sub-routes, and no other with it", () => {
  const settings = at("11.30.1", ["/v1/computers-inventory"]);
  expect(hasRoute(settings, "/api/v1/computers-inventory")).toBe(false);
  expect(hasRoute(settings, "/api/v1/computers-inventory-detail/:id")).toBe(false);
  expect(hasRoute(settings, "/api/v2/computers-inventory")).toBe(true);
  expect(hasRoute(settings, "/api/v1/computer-groups")).toBe(true);
});
