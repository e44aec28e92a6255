import { parseDirectoryHost, userFilterFault } from "../../domain/directory.ts";
import { userNameFault, userNameKey } from "../../domain/local-user.ts";

test.each([
  ["dc.example", { host: "dc.example", port: 636, tls: "ldaps" }],
  ["dc.example:3269", { host: "dc.example", port: 3269, tls: "ldaps" }],
  ["dc.example:389", { host: "dc.example", port: 389, tls: "starttls" }],
  ["ldap://dc.example", { host: "dc.example", port: 389, tls: "starttls" }],
  ["LDAPS://dc.example:389/", { host: "dc.example", port: 389, tls: "ldaps" }],
  ["192.0.2.1", { host: "192.0.2.1", port: 636, tls: "ldaps" }],
  ["2001:db8::1", { host: "2001:db8::1", port: 636, tls: "ldaps" }],
  ["ldap://[2001:db8::1]:1389", { host: "2001:db8::1", port: 1389, tls: "starttls" }],
])("%s is a server of a directory", (text, host) => {
  expect(parseDirectoryHost(text)).toEqual(host);
});

test.each(["", "https://dc.example", "dc.example/dc=x", "dc.example:0", "dc.example:65536", "user@dc.example", "a b"])(
  "%j is none",
  (text) => {
    expect(parseDirectoryHost(text)).toBeUndefined();
  },
);

test.each(["(uid=%s)", "(&(objectClass=person)(|(uid=%s)(mail=%s)))"])("users are found by the filter %s", (filter) => {
  expect(userFilterFault(filter)).toBeUndefined();
});

test.each([
  ["(objectClass=person)", "no %s"],
  ["uid=%s", "parentheses"],
  ["(uid=%s))((x=y)", "parentheses"],
  ["(uid=%s)(x=y)", "parentheses"],
  [")uid=%s(", "parentheses"],
  ["((uid=%s)", "parentheses"],
])("the filter %s is refused: %s", (filter, fault) => {
  expect(userFilterFault(filter)).toContain(fault);
});

test.each(["", " ada", "ada ", "a\0da", "a\ud800", "é".repeat(127)])("the user name %j is refused", (name) => {
  expect(userNameFault(name)).toEqual(expect.any(String));
});

test("a user name may be as long as its attribute, and have spaces inside", () => {
  expect(userNameFault(`${"é".repeat(126)}a`)).toBeUndefined();
  expect(userNameFault("Ada Lovelace")).toBeUndefined();
  expect(userNameKey("ADA")).toBe(userNameKey("ada"));
});
