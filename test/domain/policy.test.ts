import fc from "fast-check";
import { identityKey, identityOf } from "../../domain/identity.ts";
import { FIELD_KINDS } from "../../domain/rule.ts";
import { MATCH_KINDS, vlanFault } from "../../domain/label.ts";
import { decide, explain } from "../../domain/policy.ts";
import { strongMappingSids } from "../../domain/strong-mapping.ts";
import { parseMac } from "../../domain/mac-address.ts";
import {
  certificate,
  conditions,
  evidence,
  matchLabel,
  NOW,
  resultLabel,
  rule,
  snapshot,
  verdict,
} from "../support/domain-values.ts";

const compliantLabel = matchLabel("Compliant", "mdm_status", ["compliant"]);
const noncompliantLabel = matchLabel("Non-Compliant", "mdm_status", ["non-compliant"]);
const unknownLabel = matchLabel("Unknown", "mdm_status", ["unknown"]);
const corporate = resultLabel("corp", "vlan", "20");
const quarantine = resultLabel("quarantine", "vlan", "99");
const labels = [compliantLabel, noncompliantLabel, unknownLabel, corporate, quarantine];
const standardRules = [
  rule("compliant", 1, { matching: conditions(["Compliant"]), applyLabels: [corporate.id] }),
  rule("noncompliant", 2, { matching: conditions(["Non-Compliant"]), applyLabels: [quarantine.id] }),
  rule("first time", 3, { matching: conditions(["Unknown"]), applyLabels: [quarantine.id] }),
];

describe("decide", () => {
  test("an unknown client meets the first-time rule and is looked up", () => {
    const decision = decide(evidence(), snapshot(standardRules, labels), NOW);
    expect(decision).toMatchObject({
      access: { kind: "accept", authorization: { vlan: "99" } },
      rule: { name: "first time" },
      compliance: { status: "unknown", reason: "neverLookedUp" },
      lookUpWanted: true,
    });
  });
  test("a fresh compliant verdict leads to the corporate VLAN and to no look-up", () => {
    const decision = decide(evidence(), snapshot(standardRules, labels, { verdictOf: () => verdict() }), NOW);
    expect(decision).toMatchObject({
      access: { authorization: { vlan: "20" } },
      verdictRevision: 7,
      lookUpWanted: false,
    });
  });
  test("behaviour 7.1: no rule matches, access is refused, with the reason", () => {
    const decision = decide(evidence(), snapshot([], []), NOW);
    expect(decision).toMatchObject({ access: { kind: "reject" }, reason: "noRuleMatched", rule: undefined });
  });
  test("labels tell the kinds of a certificate's names apart, and Microsoft's strong mapping is read as a SID", () => {
    const sid = "S-1-5-21-1004336348-1177238915-682003330-1105";
    const names = certificate({
      sanDns: ["pc-1.acme.example", `tag:microsoft.com,2022-09-14:sid:S-1-5-21-9-9-9-500`],
      sanUri: [`tag:microsoft.com,2022-09-14:sid:${sid}`, "IntuneDeviceId://01234567-89ab-cdef-0123-456789abcdef"],
      sanEmail: ["ann@acme.example"],
      sanUpn: ["ann@corp.acme.example"],
    });
    const isHit = (...label: Parameters<typeof matchLabel>): boolean => {
      const only = rule("only", 1, { matching: conditions([label[0]]) });
      return decide(evidence({ certificate: names }), snapshot([only], [matchLabel(...label)]), NOW).rule !== undefined;
    };
    expect(isHit("sid", "cert_sid", [sid.toLowerCase()])).toBe(true);
    expect(isHit("domain", "cert_sid", ["S-1-5-21-1004336348-1177238915-682003330-*"])).toBe(true);
    expect(isHit("in a DNS name", "cert_sid", ["S-1-5-21-9-9-9-500"])).toBe(false);
    expect(isHit("uri", "cert_san_uri", ["IntuneDeviceId://*"])).toBe(true);
    expect(isHit("dns", "cert_san_dns", ["*.example", "pc-1.acme.example"])).toBe(true);
    expect(isHit("email", "cert_san_email", ["ann@acme.example"])).toBe(true);
    expect(isHit("upn", "cert_san_upn", ["ann@corp.acme.example"])).toBe(true);
    expect(isHit("another kind", "cert_san_upn", ["ann@acme.example"])).toBe(false);
    expect(isHit("any kind", "cert_san", ["ann@acme.example"])).toBe(true);
    expect(
      strongMappingSids([`x tag:microsoft.com,2022-09-14:sid:${sid}`, `tag:microsoft.com,2022-09-14:sid:${sid},x`]),
    ).toEqual([]);
  });
  test("behaviour 7.1: labels of one kind are alternatives, kinds and fields must all hold, any hit in not_matching skips", () => {
    const ssids = [matchLabel("corp ssid", "ssid", ["corp"]), matchLabel("lab ssid", "ssid", ["lab*"])];
    const users = matchLabel("hosts", "user_name", ["host/*"]);
    const both = rule("both", 1, { matching: conditions(["corp ssid", "lab ssid", "hosts"], { auth_type: ["cert"] }) });
    const matches = (change: Parameters<typeof evidence>[0], from = both): boolean =>
      decide(evidence(change), snapshot([from], [...ssids, users]), NOW).rule !== undefined;
    expect(matches({})).toBe(true);
    expect(matches({ ssid: "LAB-2" })).toBe(true);
    expect(matches({ ssid: "guest" })).toBe(false);
    expect(matches({ userName: "alice" })).toBe(false);
    expect(matches({ authentication: "mab", certificate: undefined })).toBe(false);
    expect(matches({}, { ...both, notMatching: conditions(["lab ssid"]) })).toBe(true);
    expect(matches({ ssid: "lab-1" }, { ...both, notMatching: conditions(["lab ssid"]) })).toBe(false);
  });
  test("behaviour 7.1: what the request does not say makes the rule not match, in not_matching too", () => {
    const wifi = matchLabel("wifi", "ssid", ["corp"]);
    const wired = evidence({ ssid: undefined, portType: "wired" });
    const matching = snapshot([rule("a", 1, { matching: conditions(["wifi"]) })], [wifi]);
    const excluding = snapshot([rule("a", 1, { notMatching: conditions(["wifi"]) })], [wifi]);
    const unsourced = snapshot([rule("a", 1, { notMatching: conditions([], { os_type: ["iOS"] }) })], []);
    for (const each of [matching, excluding, unsourced]) expect(decide(wired, each, NOW).rule).toBeUndefined();
    expect(explain(wired, excluding, NOW).passed[0]!.outcome).toMatchObject({ kind: "unanswerable" });
  });
  test("behaviour 7.2: rules of one order go by creation, then by id", () => {
    const tied = [rule("b", 1), rule("c", 1, { createdAt: NOW - 1 }), rule("a", 1)];
    const order = snapshot(tied, []).policy.rules.map(({ name }) => name);
    expect(order).toEqual(["c", "a", "b"]);
  });
  test("disabled rules are passed over, block rules refuse", () => {
    const rules = [rule("off", 1, { enabled: false }), rule("no", 2, { action: "block" })];
    const { decision, passed } = explain(evidence(), snapshot(rules, []), NOW);
    expect(decision).toMatchObject({ access: { kind: "reject" }, reason: "blockedByRule", rule: { name: "no" } });
    expect(passed.map(({ outcome }) => outcome.kind)).toEqual(["disabled"]);
  });
  test("explain says why each earlier rule did not match", () => {
    const { passed } = explain(evidence(), snapshot(standardRules, labels), NOW);
    expect(passed.map(({ outcome }) => outcome)).toEqual([
      { kind: "unmet", condition: "label Compliant" },
      { kind: "unmet", condition: "label Non-Compliant" },
    ]);
  });
  test("MACs, serials and match_all are compared as people write them", () => {
    const one = (label: ReturnType<typeof matchLabel>, change: Parameters<typeof evidence>[0] = {}): boolean =>
      decide(evidence(change), snapshot([rule("r", 1, { matching: conditions([label.name]) })], [label]), NOW).rule !==
      undefined;
    expect(one(matchLabel("oui", "client_mac", ["A4-83-E7*"]))).toBe(true);
    expect(one(matchLabel("serial", "cert_serial", ["0A:1B"]))).toBe(true);
    expect(one(matchLabel("san", "cert_san", ["nothing", "d20e*"]))).toBe(true);
    expect(one(matchLabel("realm", "realm", ["ACME.example"]))).toBe(true);
    expect(one(matchLabel("issuer", "cert_issuer", ["*"]), { certificate: undefined })).toBe(false);
    expect(one(matchLabel("empty", "ssid", []))).toBe(false);
  });
  test("behaviour 7.4: a request without MAC is decided by policy", () => {
    expect(decide(evidence({ mac: undefined }), snapshot(standardRules, labels), NOW).access.kind).toBe("accept");
  });
  test("total and deterministic for any rules, labels and evidence", () => {
    const word = fc.constantFrom("corp", "a*", "*", "", "compliant", "a483e7112233", "wired", "cert");
    const label = fc.record({
      name: fc.constantFrom("l1", "l2", "l3"),
      match: fc.constantFrom(...MATCH_KINDS),
      values: fc.array(word),
      all: fc.boolean(),
    });
    const side = fc.record({
      labels: fc.array(fc.constantFrom("l1", "l2", "l3", "vlan", "gone")),
      fields: fc.dictionary(fc.constantFrom(...FIELD_KINDS), fc.array(word)),
    });
    const rules = fc.array(
      fc.record({
        order: fc.nat(3),
        enabled: fc.boolean(),
        action: fc.constantFrom("allow" as const, "block" as const),
        matching: side,
        notMatching: side,
      }),
    );
    fc.assert(
      fc.property(fc.array(label), rules, fc.option(word), fc.boolean(), (ls, rs, ssid, mab) => {
        const made = [...ls.map((l) => matchLabel(l.name, l.match, l.values, l.all)), resultLabel("vlan", "vlan", "7")];
        const all = rs.map((r, i) =>
          rule(`r${i}`, r.order, {
            ...r,
            matching: conditions(r.matching.labels, r.matching.fields),
            notMatching: conditions(r.notMatching.labels, r.notMatching.fields),
          }),
        );
        const request = evidence({
          ssid: ssid ?? undefined,
          ...(mab && { authentication: "mab" as const, certificate: undefined }),
        });
        const first = decide(request, snapshot(all, made), NOW);
        expect(decide(request, snapshot(all.toReversed(), made), NOW)).toEqual(first);
        expect(first.rule === undefined).toBe(first.reason === "noRuleMatched");
      }),
    );
  });
});

describe("whose verdict is it", () => {
  const decideWith = (change: Parameters<typeof evidence>[0], held: ReturnType<typeof verdict>, options = {}) => {
    const request = evidence(change);
    const holder = identityKey(identityOf(evidence())!);
    return decide(
      request,
      snapshot(standardRules, labels, { verdictOf: (key) => (key === holder ? held : undefined), ...options }),
      NOW,
    );
  };
  test("behaviour 1.1: found by device id it serves any MAC; found by MAC, that MAC only", () => {
    const dock = parseMac("00:e0:4c:68:00:01")!;
    expect(decideWith({ mac: dock }, verdict()).compliance.status).toBe("compliant");
    const byMac = verdict({ matchedBy: "mac", matchedMac: evidence().mac });
    expect(decideWith({}, byMac).compliance.status).toBe("compliant");
    expect(decideWith({ mac: dock }, byMac)).toMatchObject({
      compliance: { status: "unknown", reason: "foundByOtherMac" },
      lookUpWanted: true,
    });
  });
  test("behaviour 1.2: MAC authentication is unknown unless the organization opts in", () => {
    const mab = { authentication: "mab" as const, certificate: undefined };
    const held = verdict({ matchedBy: "mac", matchedMac: evidence().mac });
    const request = evidence(mab);
    const run = (trust: boolean) =>
      decide(request, snapshot(standardRules, labels, { verdictOf: () => held, trustMacAuthentication: trust }), NOW)
        .compliance;
    expect(run(false)).toEqual({ status: "unknown", reason: "macAuthentication" });
    expect(run(true)).toEqual({ status: "compliant", reason: "reported" });
  });
  test("behaviour 1.3: another device id on the same MAC is unknown and looked up", () => {
    const other = certificate({ sanDns: ["AAAAAAAA-66AF-4B92-B31E-1DA394DF1E88"] });
    expect(decideWith({ certificate: other }, verdict())).toMatchObject({
      compliance: { status: "unknown", reason: "neverLookedUp" },
      lookUpWanted: true,
    });
  });
  test("a verdict past its maximum age is unknown", () => {
    const old = verdict({ checkedAt: NOW - 8 * 86_400_000 });
    expect(decideWith({}, old).compliance).toEqual({ status: "unknown", reason: "expired" });
  });
});

test("behaviour 6.2: a VLAN is 1–4094 or a name of up to 32 octets", () => {
  for (const good of ["1", "4094", "corp", "x".repeat(32), "é".repeat(16)]) expect(vlanFault(good)).toBeUndefined();
  for (const bad of ["0", "4095", "", "x".repeat(33), "é".repeat(17)]) expect(vlanFault(bad)).toMatch(/vlan/);
});
