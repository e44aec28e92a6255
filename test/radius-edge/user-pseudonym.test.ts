import type { Evidence } from "../../domain/evidence.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import { userPseudonym } from "../../radius-edge/user-pseudonym.ts";
import { evidence } from "../support/domain-values.ts";

const KEY = Buffer.alloc(32, 1);
const pseudonymOf = (change: Partial<Evidence>, key = KEY): string => userPseudonym({ ...evidence(), ...change }, key);

test("a user has one pseudonym, however the name is written, and wherever it comes from", () => {
  const ada = pseudonymOf({ authentication: "eap-ttls", userName: "ada", mac: parseMac("a4:83:e7:00:00:01") });
  expect(ada).toMatch(/^[0-9a-f]{32}$/);
  const elsewhere = parseMac("a4:83:e7:00:00:02");
  expect(pseudonymOf({ authentication: "eap-ttls", userName: "Ada", mac: elsewhere })).toBe(ada);
  expect(pseudonymOf({ authentication: "eap-ttls", userName: "grace" })).not.toBe(ada);
});

test("a device that only its address proves has one, in whatever notation its NAS writes that", () => {
  const mac = parseMac("a4:83:e7:00:00:01");
  const printer = pseudonymOf({ authentication: "mab", userName: "a483e7000001", mac });
  expect(pseudonymOf({ authentication: "mab", userName: "A4-83-E7-00-00-01", mac })).toBe(printer);
  expect(pseudonymOf({ authentication: "eap-ttls", userName: "a483e7000001", mac })).not.toBe(printer);
});

test("organizations, operators and installations know one user by pseudonyms that they cannot compare", () => {
  const { nas } = evidence();
  const pseudonyms = [
    pseudonymOf({}),
    pseudonymOf({ organizationId: "0198c0de-0000-7000-8000-0000000000ff" as OrganizationId }),
    pseudonymOf({ nas: { ...nas, operatorName: "campus.example" } }),
    pseudonymOf({ nas: { ...nas, operatorName: "cafe.example" } }),
    pseudonymOf({}, Buffer.alloc(32, 2)),
  ];
  expect(new Set(pseudonyms).size).toBe(pseudonyms.length);
});
