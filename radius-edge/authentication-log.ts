import type { Log } from "../runtime/log.ts";
import { rejectReasonOf } from "./authentication.ts";
import type { Authentication } from "./authentication.ts";

/** Tells of each authentication in one line, for whoever switches `debug` on; costs nothing while it is off. */
export interface AuthenticationLog {
  /** `seconds` from the request's arrival to its answer's departure. */
  note(authentication: Authentication, seconds: number): void;
}

export function createAuthenticationLog(log: Pick<Log, "debug" | "isLevelEnabled">): AuthenticationLog {
  return {
    note(authentication, seconds) {
      if (!log.isLevelEnabled("debug")) return;
      const { evidence, decision } = authentication;
      const access = decision?.access;
      const line = {
        organization: evidence.organizationId,
        method: evidence.authentication,
        result: access?.kind ?? "reject",
        reason: rejectReasonOf(authentication),
        mac: evidence.mac,
        user: evidence.userName,
        identity: decision?.identity,
        compliance: decision?.compliance.status,
        rule: decision?.rule?.id,
        vlan: access?.kind === "accept" ? access.authorization.vlan : undefined,
        nas: evidence.nas.nasId,
        ms: Math.round(seconds * 1e6) / 1e3,
      };
      log.debug(line, "an authentication was answered");
    },
  };
}
