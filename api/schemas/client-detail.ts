import { Type } from "typebox";
import { EpochSeconds, Texts, Uuid } from "./common.ts";

const text = Type.Optional(Type.String());
const number = Type.Optional(Type.Number());

const Compliance = Type.Object({
  status: Type.Enum(["compliant", "noncompliant", "unknown"]),
  reason: Type.String({ description: "one word, stable" }),
  sentence: Type.String(),
});

const Device = Type.Object({
  record_id: Type.String(),
  device_id: text,
  serial: text,
  macs: Texts,
  name: text,
  manufacturer: text,
  model: text,
  operating_system: text,
  os_version: text,
  last_seen: Type.Optional(EpochSeconds),
});

const Verdict = Type.Object({
  ...Compliance.properties,
  details: Texts,
  mdm_provider: text,
  mdm_account_id: text,
  matched_by: Type.Optional(Type.Enum(["deviceId", "mac"])),
  matched_mac: text,
  device: Type.Optional(Device),
  revision: Type.Integer(),
  checked_at: Type.Optional(EpochSeconds),
  changed_at: Type.Optional(EpochSeconds),
  next_check_at: EpochSeconds,
  age_seconds: number,
});

const Access = Type.Object({
  kind: Type.Enum(["accept", "reject"]),
  vlan: text,
  role: text,
  session_timeout: number,
  text: Type.String({ description: "for people" }),
});

const Session = Type.Object({
  id: Uuid,
  origin: Type.Enum(["accepted", "continued", "unverified"], {
    description:
      "accepted by us; continued under that Accept, as accounting tells; or unverified: on the network by accounting's word alone, without an Accept of ours, so that nothing is known of its access",
  }),
  nas_id: Uuid,
  edge_id: Uuid,
  acct_session_id: text,
  accepted_at: EpochSeconds,
  accounting_started_at: Type.Optional(EpochSeconds),
  last_seen_at: EpochSeconds,
  applied: Type.Optional(Access),
  desired: Type.Optional(Access),
  differences: Type.Optional(
    Type.Array(Type.String(), { description: "empty when the session is where it should be" }),
  ),
});

export const Client = Type.Object(
  {
    mac: Type.String(),
    org_id: Uuid,
    identity: text,
    random_mac: Type.Boolean(),
    first_seen_at: EpochSeconds,
    last_seen_at: EpochSeconds,
    last_status: Type.String(),
    auth_type: Type.String(),
    username: Type.String(),
    compliance: Type.Object(
      { ...Compliance.properties },
      { description: "what the verdict is worth to this client's last request, now" },
    ),
    verdict: Type.Optional(Verdict),
    applied: Type.Object({ ...Access.properties }, { description: "by the last decision" }),
    desired: Type.Object({ ...Access.properties }, { description: "by policy and verdict as they stand" }),
    nacrule_id: text,
    nacrule_name: text,
    sessions: Type.Array(Session),
  },
  { $id: "Client" },
);

export const CheckAnswer = Type.Object(
  {
    ...Compliance.properties,
    text: Type.String({ description: "what was asked and what was answered" }),
    changed: Type.Boolean(),
    mdm_provider: text,
    next_check_seconds: Type.Number(),
    verdict: Type.Optional(Verdict),
  },
  { $id: "CheckAnswer" },
);
