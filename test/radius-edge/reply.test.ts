import type { Authorization } from "../../domain/authorization.ts";
import { acceptReply, describeAccept } from "../../radius-edge/reply.ts";
import { composePacket } from "../../radius-edge/wire/attribute-block.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import { attributeText } from "../../radius-edge/wire/packet.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { bytesOf, packetOf } from "./wire/make.ts";

const CLASS = Buffer.from("the class of the decision");

/** The attributes of the Accept as a NAS reads them. */
function reply(
  authorization: Authorization,
  chance = 0.5,
): { attributes: readonly Attribute[]; leftOut: readonly string[] } {
  const content = { authorization, userName: "host/mac-01" };
  const { block, attributes } = acceptReply(content, { classValue: CLASS, chance });
  const { leftOut, shown } = describeAccept(content);
  const head = { code: "Accounting-Response", identifier: 0, authenticator: Buffer.alloc(16) } as const;
  const read = packetOf(bytesOf(composePacket(head, block, attributes))).attributes;
  // The event tells each of them; those that differ from Accept to Accept by name, so that a repeat says the same.
  const told = (text: string): string => {
    const name = /^(Class|Session-Timeout)(?==)/.exec(text)?.[0];
    return name !== undefined && shown.includes(name) ? name : text;
  };
  expect(shown.toSorted()).toEqual(read.map(attributeText).map(told).toSorted());
  return { attributes: read, leftOut };
}

/** The values of an attribute, in hexadecimal. */
function sent(authorization: Authorization, type: number, chance?: number): readonly string[] {
  return reply(authorization, chance)
    .attributes.filter(([each]) => each === type)
    .map(([, value]) => value.toString("hex"));
}

const hex = (text: string): string => Buffer.from(text).toString("hex");
const seconds = (value: number): string => value.toString(16).padStart(8, "0");

test("a plain Accept carries the name to account under, the interval and the Class, and no more", () => {
  expect(reply({}).attributes).toEqual([
    [ATTRIBUTE.AcctInterimInterval, Buffer.from([0, 0, 0x02, 0x58])],
    [ATTRIBUTE.UserName, Buffer.from("host/mac-01")],
    [ATTRIBUTE.Class, CLASS],
  ]);
});

test.each(["20", "4094", "quarantine", "v".repeat(32)])(
  "behaviour 6.2: VLAN %s travels as it stands, in three tunnel attributes of tag 0",
  (vlan) => {
    // RFC 2868 §3.1, §3.2: a tag octet, then 13 (VLAN) and 6 (IEEE-802) in three octets; §3.6: the tag, then the text.
    expect(sent({ vlan }, ATTRIBUTE.TunnelType)).toEqual(["0000000d"]);
    expect(sent({ vlan }, ATTRIBUTE.TunnelMediumType)).toEqual(["00000006"]);
    expect(sent({ vlan }, ATTRIBUTE.TunnelPrivateGroupId)).toEqual([`00${hex(vlan)}`]);
  },
);

test("a role is a Filter-Id", () => {
  expect(sent({ role: "staff" }, ATTRIBUTE.FilterId)).toEqual([hex("staff")]);
});

test("egress VLANs are one attribute each, in order, 1 for tagged and 2 for untagged before the name", () => {
  const egressVlanNames = ["1voice", "2data", "1vlan-30"];
  expect(sent({ egressVlanNames }, ATTRIBUTE.EgressVlanName)).toEqual(egressVlanNames.map(hex));
  expect(sent({ egressVlanNames: ["voice", "3data", "1"] }, ATTRIBUTE.EgressVlanName)).toEqual([]);
});

test("what a label writes by its name is written once: its interval and its timeout stand instead of ours", () => {
  const interim = { radiusAttributes: ["Acct-Interim-Interval=900"] };
  expect(sent(interim, ATTRIBUTE.AcctInterimInterval)).toEqual([seconds(900)]);
  const timeout = { radiusAttributes: ["Session-Timeout=3600"], sessionTimeoutSeconds: 60 };
  expect(sent(timeout, ATTRIBUTE.SessionTimeout)).toEqual([seconds(3_600)]);
});

test("attributes of labels are written by their dictionaries, in the order of the label", () => {
  const { attributes, leftOut } = reply({
    radiusAttributes: ["Idle-Timeout=600", "Filter-Id=printers"],
    vendorAttributes: ["Cisco-AVPair=device-traffic-class=voice", "Aruba-User-Vlan=30"],
  });
  const ofLabels = attributes.slice(0, -3).map(([type, value]) => [type, value.toString("hex")]);
  // RFC 2865 §5.26: vendor id, vendor type, length of both and the value.
  const pair = "device-traffic-class=voice";
  expect(ofLabels).toEqual([
    [28, seconds(600)],
    [ATTRIBUTE.FilterId, hex("printers")],
    [ATTRIBUTE.VendorSpecific, `0000000901${(pair.length + 2).toString(16).padStart(2, "0")}${hex(pair)}`],
    [ATTRIBUTE.VendorSpecific, `000039e70206${seconds(30)}`],
  ]);
  expect(leftOut).toEqual([]);
});

test.each([
  ["no attribute of that name", "Nonsense=1", /No RADIUS attribute is known by the name "Nonsense"/],
  ["what the edge writes itself", "Class=forged", /Class is written by the edge itself/],
  ["what would travel unhidden", "Tunnel-Password=secret", /Tunnel-Password is written by the edge itself/],
  ["no value", "Idle-Timeout=", /has no value/],
  ["a number too long", "Aruba-User-Vlan=99999999999", /whole number/],
])("a label that is %s is left out and named, and costs the client nothing else", (_, text, sentence) => {
  const { attributes, leftOut } = reply({ vlan: "20", radiusAttributes: [text] });
  expect(leftOut).toEqual([expect.stringMatching(sentence)]);
  expect(attributes).toEqual(reply({ vlan: "20" }).attributes);
});

test.each([
  [0, 3_240],
  [0.5, 3_600],
  [0.999, 3_959],
])("behaviour 6.1: chance %d makes %d s of an hour, and the NAS is to ask again then", (chance, expected) => {
  const authorization = { sessionTimeoutSeconds: 3_600 };
  expect(sent(authorization, ATTRIBUTE.SessionTimeout, chance)).toEqual([seconds(expected)]);
  expect(sent(authorization, ATTRIBUTE.TerminationAction, chance)).toEqual([seconds(1)]);
});

test("behaviour 6.1: a second does not become none", () => {
  expect(sent({ sessionTimeoutSeconds: 1 }, ATTRIBUTE.SessionTimeout, 0)).toEqual([seconds(1)]);
});
