import { guardDirectories } from "../../../radius-edge/people/directory-address.ts";

const guard = guardDirectories(["127.0.0.11", "fe80::/10"]);
const refusalOf = (host: string): string | undefined => guard.refusalOf(host);

test.each(["10.1.2.3", "192.168.0.9", "172.16.0.1", "100.64.0.1", "8.8.8.8", "fd00::9", "2001:db8::1", "dc.example"])(
  "%s may be a directory",
  (host) => expect(refusalOf(host)).toBeUndefined(),
);

test.each([
  "127.0.0.1",
  "0.0.0.0",
  "169.254.169.254",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "ff02::1",
  "fd00:ec2::254",
])("%s is none, and the sentence says the way out", (host) => {
  expect(refusalOf(host)).toBe(
    `${host} is loopback, link-local or no host's: no directory is asked there unless PORTCULLIS_MDM_ALLOWED_NETWORKS has it`,
  );
});

test("what is exempted may be, and nothing beside it", () => {
  expect([refusalOf("127.0.0.11"), refusalOf("fe80::1")]).toEqual([undefined, undefined]);
  expect(refusalOf("127.0.0.12")).toBeDefined();
  expect(guardDirectories([]).refusalOf("fe80::1")).toBeDefined();
});
