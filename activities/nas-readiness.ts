import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "../domain/session.ts";
import { findSession } from "../store/sessions.ts";
import type { ActivityDeps } from "./deps.ts";

/**
 * Waits until the NAS of a session that was just accepted has told its Accounting-Start, or had time to: before, it may not
 * have the session yet, and would say that it is gone (behaviour 5.1). The session as it then is: named by accounting.
 */
export async function whenNasIsReady({ store, now, nasReadyMs }: ActivityDeps, accepted: Session): Promise<Session> {
  const until = Math.min(accepted.acceptedAt, now()) + nasReadyMs(accepted.evidence.nas.profile);
  let session = accepted;
  while (session.accountingStartedAt === undefined && session.endedAt === undefined && now() < until) {
    await sleep(Math.min(150, until - now()));
    session = (await findSession(store, session.organizationId, session.id)) ?? session;
  }
  return session;
}
