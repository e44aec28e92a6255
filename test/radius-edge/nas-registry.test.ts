import { createNasRegistry } from "../../radius-edge/nas-registry.ts";
import { nasOf } from "./nas-in-test.ts";

const noName = (): undefined => undefined;

test("the longest prefix wins, in either family, and what none covers is nobody's", () => {
  const nases = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8::/32", "2001:db8:1::7/128", "0.0.0.0/0"].map(
    (address) => nasOf({ address }),
  );
  const registry = createNasRegistry([...nases, nasOf({ address: undefined })]);
  const addressOf = (source: string) => registry.find(source, noName)?.address;
  for (const round of [1, 2]) {
    expect([round, addressOf("10.1.2.3")]).toEqual([round, "10.1.2.3/32"]);
    expect([round, addressOf("10.1.2.4")]).toEqual([round, "10.1.0.0/16"]);
    expect([round, addressOf("10.2.0.1")]).toEqual([round, "10.0.0.0/8"]);
    expect([round, addressOf("192.0.2.1")]).toEqual([round, "0.0.0.0/0"]);
    expect([round, addressOf("2001:db8:1::7")]).toEqual([round, "2001:db8:1::7/128"]);
    expect([round, addressOf("2001:db8:1::8")]).toEqual([round, "2001:db8::/32"]);
    expect([round, addressOf("2001:db9::1")]).toEqual([round, undefined]);
  }
});

test("behaviour 8.2: an IPv4-mapped source is the IPv4 address, and a link-local one goes without its zone", () => {
  const [v4, local] = [nasOf({ address: "192.0.2.9/32" }), nasOf({ address: "fe80::1/128" })];
  const registry = createNasRegistry([v4, local]);
  expect(registry.find("::ffff:192.0.2.9", noName)).toBe(v4);
  expect(registry.find("::FFFF:192.0.2.9", noName)).toBe(v4);
  expect(registry.find("fe80::1%eth0", noName)).toBe(local);
});

test("behind one address the NAS-Identifier tells, and is read only where it can", () => {
  const [named, any] = [nasOf({ nasIdentifier: "switch-2" }), nasOf()];
  const wider = nasOf({ address: "192.0.2.0/24" });
  const registry = createNasRegistry([wider, named, any]);
  expect(registry.find("192.0.2.1", () => "switch-2")).toBe(named);
  expect(registry.find("192.0.2.1", () => "switch-3")).toBe(any);
  expect(registry.find("192.0.2.1", noName)).toBe(any);
  const unread = (): never => {
    throw new Error("the NAS-Identifier was read");
  };
  expect(registry.find("192.0.2.7", unread)).toBe(wider);
  const onlyNamed = createNasRegistry([wider, named]);
  expect(onlyNamed.find("192.0.2.1", () => "switch-3")).toBe(wider);
});

test("addresses without number do not fill the memory, and are still found", () => {
  const nas = nasOf({ address: "10.0.0.0/8" });
  const registry = createNasRegistry([nas]);
  for (let i = 0; i < 70_000; i++) {
    const found = registry.find(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, noName);
    if (found !== nas) throw new Error(`lost at ${i}`);
  }
  expect(registry.find("10.0.0.1", noName)).toBe(nas);
});

test("a certificate names its NAS by issuer and subject alternative name, in any case and any writing of an IPv6 address", () => {
  const issuer = "CN=NAS CA,O=Acme";
  const nases = ["ap-1.acme.example", "2001:db8::1"].map((san) =>
    nasOf({ address: undefined, radsec: { issuer, san } }),
  );
  const registry = createNasRegistry(nases);
  expect(registry.findByCertificate({ issuer, san: "AP-1.Acme.Example" })).toBe(nases[0]);
  expect(registry.findByCertificate({ issuer, san: "2001:DB8:0::1" })).toBe(nases[1]);
  expect(registry.findByCertificate({ issuer: "CN=Other CA", san: "ap-1.acme.example" })).toBeUndefined();
  expect(registry.findByCertificate({ issuer, san: "ap-2.acme.example" })).toBeUndefined();
});
