import { Type } from "typebox";
import type { Static } from "typebox";
import { CLIENT_FIELDS } from "../../store/counts.ts";
import { EpochSeconds, Mac, OrganizationPath, QueryList, Texts, Uuid, Window } from "./common.ts";

const closed = { additionalProperties: false };
const optionalText = Type.Optional(Type.String());
const optionalTexts = Type.Optional(Texts);
const STATUSES = ["permitted", "denied", "session_started", "session_stopped", "session_ended"] as const;
const Statuses = Type.Optional(Type.Array(Type.Enum([...STATUSES])));
const COMPLIANCE = "compliant, noncompliant (or not compliant), unknown";

const filters = {
  mac: Type.Optional(Type.String({ description: "one address; or a part with * at its ends" })),
  status: Statuses,
  last_status: Statuses,
  mdm_compliance: QueryList(COMPLIANCE),
  mdm_compliance_status: QueryList(COMPLIANCE),
  mdm_provider: Type.Optional(Type.Array(Type.Enum(["vmware", "jamf"]))),
  auth_type: Type.Optional(Type.Array(Type.Enum(["eap-tls", "eap-ttls", "mab"]))),
  type: Type.Optional(Type.Array(Type.Enum(["wireless", "wired"]))),
  nacrule_id: QueryList("rules"),
  last_nacrule_id: QueryList("rules"),
  nacrule_name: QueryList("rules"),
  nas_vendor: QueryList("vendors"),
  last_nas_vendor: QueryList("vendors"),
  ssid: QueryList("SSIDs"),
  last_ssid: QueryList("SSIDs"),
  vlan: QueryList("VLANs"),
  last_vlan: QueryList("VLANs"),
  last_vlan_id: QueryList("VLANs"),
  username: QueryList("user names"),
  last_username: QueryList("user names"),
  identity: Type.Optional(Type.String({ description: "ours" })),
  text: Type.Optional(Type.String({ description: "part of user name, MAC or SSID" })),
};
const sort = {
  sort: Type.Optional(Type.Enum(["wxid", "-timestamp"], { description: "last seen first: the only order" })),
};

export const ClientFilter = Type.Object({ ...filters, ...Window, ...sort }, closed);
export type ClientFilterFields = Static<typeof ClientFilter>;
const { search_after: _, ...window } = Window;
export const ClientCount = Type.Object(
  { distinct: Type.Optional(Type.Enum([...CLIENT_FIELDS])), ...filters, ...window },
  closed,
);

/** Mist's nac_client. Lists hold one value: the last. */
export const MistClient = Type.Object(
  {
    mac: Type.String(),
    org_id: Uuid,
    site_id: Type.Optional(Uuid),
    type: optionalText,
    auth_type: Type.String(),
    timestamp: EpochSeconds,
    random_mac: Type.Enum(["true", "false"]),
    ssid: optionalTexts,
    vlan: optionalTexts,
    username: Texts,
    nas_ip: Type.String(),
    nas_vendor: optionalTexts,
    port_id: optionalTexts,
    client_ip: optionalTexts,
    nacrule_id: optionalTexts,
    nacrule_name: optionalTexts,
    nacrule_matched: Type.Boolean(),
    cert_cn: optionalTexts,
    cert_issuer: optionalTexts,
    cert_serial: optionalTexts,
    cert_subject: optionalTexts,
    last_status: Type.Enum(["permitted", "denied", "session_started", "session_stopped"]),
    last_ssid: optionalText,
    last_vlan: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
    last_username: Type.String(),
    last_client_ip: optionalText,
    last_port_id: optionalText,
    last_nas_vendor: optionalText,
    last_nacrule_id: optionalText,
    last_nacrule_name: optionalText,
    last_cert_cn: optionalText,
    last_cert_expiry: Type.Optional(EpochSeconds),
    last_cert_issuer: optionalText,
    last_cert_serial: optionalText,
    last_cert_subject: optionalText,
    mdm_compliance: Type.String({ description: "what the last decision saw" }),
    mdm_provider: optionalText,
    mdm_account_id: optionalText,
    identity: Type.Optional(Type.String({ description: "ours" })),
  },
  { $id: "MistClient" },
);

export const ClientPage = Type.Object(
  {
    start: Type.Number(),
    end: Type.Number(),
    limit: Type.Integer(),
    total: Type.Integer(),
    next: Type.Optional(Type.String({ description: "path of the next page" })),
    results: Type.Array(Type.Unsafe<Static<typeof MistClient>>({ $ref: "MistClient#" })),
  },
  { $id: "ClientPage" },
);

export const ClientPath = Type.Object({ ...OrganizationPath.properties, client_mac: Mac });

export const CoaRequest = Type.Object(
  { coa_type: Type.Optional(Type.Enum(["reauth", "disconnect"], { description: "reauth by default" })) },
  closed,
);
export const CoaAnswer = Type.Object(
  {
    device_mac: Type.Optional(Type.String({ description: "of the AP or switch, where it told" })),
    device_type: Type.Enum(["ap", "switch"]),
    event_id: Type.String({ description: "ours: under this id the CoA is on its way" }),
  },
  { $id: "CoaAnswer" },
);
