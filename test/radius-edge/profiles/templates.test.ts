import type { CoaStep } from "../../../domain/coa.ts";
import { coaAttributes } from "../../../radius-edge/coa/attributes.ts";
import type { CoaSession } from "../../../radius-edge/coa/attributes.ts";
import { loadNasProfiles } from "../../../radius-edge/nas-profiles.ts";
import type { CoaTemplate } from "../../../radius-edge/nas-profiles.ts";
import { ipv4Text } from "../../../radius-edge/wire/ip-address.ts";
import type { Attribute } from "../../../radius-edge/wire/packet.ts";
import { readVendorAttributes } from "../../../radius-edge/wire/vendor-attribute.ts";
import { evidence } from "../../support/domain-values.ts";
import { carrying } from "../wire/make.ts";

/** One that has whatever may name it. */
const SESSION: CoaSession = {
  userName: "ada",
  acctSessionId: "4FECC41E",
  nas: {
    ...evidence().nas,
    nasIpAddress: "10.0.0.1",
    nasIdentifier: "switch-1",
    nasPort: 7,
    nasPortId: "1/1/7",
    callingStationId: "A4-83-E7-11-22-33",
    auditSessionId: "0A00",
  },
};

const USER = "User-Name ada";
const ADDRESS = "NAS-IP-Address 10.0.0.1";
const PORT = "NAS-Port 7";
const STATION = "Calling-Station-Id A4-83-E7-11-22-33";
const NAME = "NAS-Identifier switch-1";
const ACCT = "Acct-Session-Id 4FECC41E";
const PORT_ID = "NAS-Port-Id 1/1/7";
const AUDIT = "9/1 audit-session-id=0A00";
const REAUTHENTICATE = "9/1 subscriber:command=reauthenticate";
const LAST = "9/1 subscriber:reauthenticate-type=last";

/** Attributes by their numbers in RFC 2865, 2866 and 2869; those of vendors by vendor and type. */
const NAMES: Readonly<Record<number, readonly [name: string, kind: "text" | "number" | "address"]>> = {
  1: ["User-Name", "text"],
  4: ["NAS-IP-Address", "address"],
  5: ["NAS-Port", "number"],
  6: ["Service-Type", "number"],
  31: ["Calling-Station-Id", "text"],
  32: ["NAS-Identifier", "text"],
  44: ["Acct-Session-Id", "text"],
  87: ["NAS-Port-Id", "text"],
};

function shown(attribute: Attribute): string {
  const [vendor] = readVendorAttributes(carrying(attribute));
  if (vendor !== undefined) return `${vendor.vendorId}/${vendor.vendorType} ${vendor.value.toString()}`;
  const [type, value] = attribute;
  const [name, kind] = NAMES[type] ?? [`attribute ${type}`, "text"];
  if (kind === "number") return `${name} ${value.readUInt32BE()}`;
  return `${name} ${kind === "address" ? ipv4Text(value) : value.toString()}`;
}

const sent = (template: CoaTemplate, session = SESSION): readonly string[] => [
  template.code,
  ...coaAttributes(template, session).map(shown),
];

const CoA = (...attributes: string[]) => ["CoA-Request", ...attributes];
const Disconnect = (...attributes: string[]) => ["Disconnect-Request", ...attributes];
type Expected = Partial<Record<CoaStep, readonly (readonly string[])[]>>;

const CX = [Disconnect(USER, STATION, ACCT, PORT, ADDRESS), Disconnect(USER, STATION, ACCT, PORT_ID, NAME)];
const DISCONNECT_ON_DELL = Disconnect(STATION, ADDRESS, ACCT);

/** What each kind of NAS is sent, where, by the documents that its profile names: wording by wording, in order. */
const KINDS: Readonly<Record<string, readonly [port: number, Expected]>> = {
  "juniper-mist": [3799, { disconnect: [Disconnect(STATION, ADDRESS, ACCT), Disconnect(STATION, ACCT)] }],
  aruba: [3799, { disconnect: [...CX, Disconnect(STATION)] }],
  "aruba-cx": [3799, { disconnect: CX }],
  "aruba-switch": [3799, { disconnect: [Disconnect(USER, STATION, PORT, ACCT)] }],
  cisco: [
    1700,
    {
      reauthenticate: [CoA(AUDIT, STATION, ADDRESS, REAUTHENTICATE, LAST), CoA(AUDIT, REAUTHENTICATE)],
      disconnect: [Disconnect(AUDIT, STATION, ACCT, ADDRESS), Disconnect(AUDIT)],
    },
  ],
  "cisco-aireos": [
    3799,
    {
      reauthenticate: [CoA(AUDIT, STATION, REAUTHENTICATE)],
      disconnect: [Disconnect(STATION, ADDRESS, "Service-Type 1")],
    },
  ],
  meraki: [
    1700,
    {
      reauthenticate: [CoA(AUDIT, STATION, ADDRESS, REAUTHENTICATE, LAST)],
      disconnect: [Disconnect(AUDIT, STATION, ADDRESS)],
    },
  ],
  ruckus: [3799, { disconnect: [Disconnect(STATION, ADDRESS), Disconnect(ACCT, USER)] }],
  unifi: [3799, { disconnect: [Disconnect(STATION, NAME)] }],
  hostapd: [3799, { disconnect: [Disconnect(ACCT, STATION, NAME), Disconnect(ACCT)] }],
  dell: [3799, { reauthenticate: [CoA(STATION, ADDRESS, ACCT, REAUTHENTICATE)], disconnect: [DISCONNECT_ON_DELL] }],
  fortiswitch: [
    3799,
    {
      reauthenticate: [
        CoA(USER, STATION, ACCT, "12356/42 action=reauth-port"),
        CoA(USER, STATION, "12356/42 action=reauth-port"),
      ],
      disconnect: [Disconnect(USER, STATION, ACCT), Disconnect(USER, STATION)],
    },
  ],
  standard: [
    3799,
    { disconnect: [Disconnect(USER, ACCT, STATION, ADDRESS, NAME), Disconnect(ACCT, ADDRESS), Disconnect(STATION)] },
  ],
  "no-coa": [3799, {}],
};

const profiles = loadNasProfiles();

test("each profile is told here", () => {
  expect(profiles.all.map(({ name }) => name).toSorted()).toEqual(Object.keys(KINDS).toSorted());
});

test.each(Object.entries(KINDS))("%s is sent what its vendor's documents ask for", (name, [port, expected]) => {
  const { coaPort, steps } = profiles.named(name)!;
  expect(coaPort).toBe(port);
  const worded = Object.entries(steps).map(([step, templates]) => [step, templates.map((template) => sent(template))]);
  expect(Object.fromEntries(worded)).toEqual(expected);
});

/** AOS-CX 10.04 Security Guide: User-Name, a name of the NAS, and the session's name or the station with its port. */
function satisfiesCx(attributes: readonly string[]): boolean {
  const has = (...names: readonly string[]): boolean =>
    names.some((name) => attributes.some((attribute) => attribute.startsWith(`${name} `)));
  const namesSession = has("Acct-Session-Id") || (has("NAS-Port", "NAS-Port-Id") && has("Calling-Station-Id"));
  return has("User-Name") && has("NAS-IP-Address", "NAS-Identifier") && namesSession;
}

test.each(["aruba", "aruba-cx"])(
  "an ArubaOS-CX switch that is taken for %s gets all that it demands, whichever way its requests name NAS and session",
  (name) => {
    for (const nasIpAddress of [undefined, "10.0.0.1"]) {
      for (const acctSessionId of [undefined, "4FECC41E"]) {
        const session = { ...SESSION, acctSessionId, nas: { ...SESSION.nas, nasIpAddress } };
        const wordings = profiles.named(name)!.steps.disconnect!.map((template) => sent(template, session));
        expect(wordings.filter(satisfiesCx)).not.toEqual([]);
      }
    }
  },
);
