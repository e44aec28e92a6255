import type { ColumnType } from "kysely";
import type { Label } from "../domain/label.ts";
import type { Rule } from "../domain/rule.ts";

/** A jsonb column: read as `T`, written as the text that `jsonText` makes. Fields that are `undefined` are not stored. */
export type Jsonb<T> = ColumnType<T, string, string>;

/** What a row of policy_versions holds: domain `Policy` without its map. */
export interface StoredPolicy {
  readonly rules: readonly Rule[];
  readonly labels: readonly Label[];
}

// The words that database.codegen.json gives to columns.
export type { Access } from "../domain/authorization.ts";
export type { CoaOutcome, CoaStep } from "../domain/coa.ts";
export type { DirectoryType, DownAnswer } from "../domain/directory.ts";
export type { Decision } from "../domain/decision.ts";
export type { EventType } from "../domain/event.ts";
export type { Evidence } from "../domain/evidence.ts";
export type {
  AccountId,
  CrlId,
  DirectoryId,
  EdgeId,
  EventId,
  LabelId,
  LocalUserId,
  NasId,
  OrganizationId,
  RuleId,
  SessionId,
} from "../domain/identifiers.ts";
export type { IdentityKey } from "../domain/identity.ts";
export type { Label } from "../domain/label.ts";
export type { AccountKind } from "../domain/linked-account.ts";
export type { MacAddress } from "../domain/mac-address.ts";
export type { Demand } from "../domain/nas.ts";
export type { Conditions } from "../domain/rule.ts";
export type { SessionOrigin } from "../domain/session.ts";
export type { ComplianceStatus, Verdict } from "../domain/verdict.ts";
