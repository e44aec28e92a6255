import { decide } from "../../domain/policy.ts";
import { conditions, evidence, matchLabel, NOW, rule, snapshot } from "../support/domain-values.ts";

const labels = [
  matchLabel("staff", "idp_role", ["Staff"]),
  matchLabel("any of two", "idp_role", ["admins", "wi-fi*"]),
  matchLabel("both", "idp_role", ["staff", "admins"], true),
];

function isAllowed(
  label: string,
  userLabels: readonly string[] | undefined,
  side: "matching" | "notMatching",
): boolean {
  const asked = snapshot([rule("only", 0, { [side]: conditions([label]) })], labels);
  const request = evidence({ authentication: "eap-ttls", certificate: undefined, userLabels });
  return decide(request, asked, NOW).access.kind === "accept";
}

test.each([
  ["staff", ["STAFF"], true],
  ["staff", ["cn=Staff,ou=groups"], false],
  ["any of two", ["Wi-Fi guests"], true],
  ["any of two", ["guests"], false],
  ["both", ["admins"], false],
  ["both", ["other", "admins", "staff"], true],
  ["staff", [], false],
])("a rule that asks for %s sees a user with the labels %j: %j", (label, userLabels, allowed) => {
  expect(isAllowed(label, userLabels, "matching")).toBe(allowed);
  expect(isAllowed(label, userLabels, "notMatching")).toBe(!allowed);
});

test("behaviour 7.1: a request that names no user cannot answer what the user's labels are, on either side", () => {
  expect(isAllowed("staff", undefined, "matching")).toBe(false);
  expect(isAllowed("staff", undefined, "notMatching")).toBe(false);
});
