import { FaultPlan } from "../../simulators/faults.ts";

test("a fault with a count is used up, one without stays until cleared", () => {
  const plan = new FaultPlan();
  plan.inject({ kind: "status", status: 503, times: 2 });
  plan.inject({ kind: "html" });
  expect(["/a", "/b", "/c", "/d"].map((path) => plan.meet(path)?.kind)).toEqual(["status", "status", "html", "html"]);
  plan.clear();
  expect(plan.meet("/e")).toBeUndefined();
});

test("a fault meets only the purpose and the path that it aims at", () => {
  const plan = new FaultPlan();
  plan.inject({ kind: "halfOpen", scope: "token" });
  plan.inject({ kind: "reset", scope: "api", path: "/computer-groups" });
  expect(plan.meet("/api/v1/oauth/token")?.kind).toBe("halfOpen");
  expect(plan.meet("/api/v3/computer-groups/smart-groups?page=0")?.kind).toBe("reset");
  expect(plan.meet("/api/v2/mobile-devices")).toBeUndefined();
});

test("what is left of a count is shown", () => {
  const plan = new FaultPlan();
  plan.inject({ kind: "slow", delayMs: 5, times: 3 });
  plan.meet("/a");
  expect(plan.all).toEqual([{ kind: "slow", delayMs: 5, times: 2 }]);
});
