import { groupLabels } from "../../../radius-edge/people/group-labels.ts";

test.each([
  ["CN=Staff,OU=Groups,DC=example", ["Staff"]],
  ["cn=Staff", ["Staff"]],
  ["CN=Wi-Fi\\, staff,DC=example", ["Wi-Fi, staff"]],
  ["CN=Caf\\C3\\A9,DC=example", ["Café"]],
  ["CN=a\\\\b\\+c,DC=example", ["a\\b+c"]],
  ["CN=Staff+uid=7,DC=example", ["Staff"]],
  ["2.5.4.3=Staff,DC=example", []],
  ["engineering", []],
  ["CN=broken\\", []],
])("%s counts as itself and under its name", (value, names) => {
  expect(groupLabels([value])).toEqual([...names, value]);
});

test("a name that several groups have is there once, each whole name too", () => {
  expect(groupLabels(["CN=Staff,OU=A", "CN=Staff,OU=B"])).toEqual(["Staff", "CN=Staff,OU=A", "CN=Staff,OU=B"]);
});
