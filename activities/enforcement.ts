import type { CoaType } from "../domain/coa.ts";
import type { SessionId } from "../domain/identifiers.ts";
import type { Session } from "../domain/session.ts";
import type { EnforcementStep } from "../store/enforcements.ts";
import type { Standing } from "./desired-access.ts";

/** What an enforcement rests on. */
export interface Cause {
  readonly standing: Standing;
  readonly coaType: CoaType;
  /** Of the verdict change that began it: the key of its steps. */
  readonly revision: number;
}

/** A session that ended while it was enforced. */
export interface Former {
  readonly session: Session;
  readonly steps: readonly EnforcementStep[];
  /** The session that its client opened since. */
  readonly successor: SessionId | undefined;
}

/** Steps of a session's own open enforcement, and those of the sessions that it replaced. */
export interface Past {
  readonly own: readonly EnforcementStep[];
  readonly before: readonly Former[];
}
