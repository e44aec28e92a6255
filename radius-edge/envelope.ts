import type { NasId } from "../domain/identifiers.ts";
import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "../runtime/log.ts";
import { ATTRIBUTE } from "./wire/attribute-type.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Drop } from "./wire/drop-reason.ts";
import { has, verifyRequest } from "./wire/exchange.ts";
import type { MessageAuthenticatorRule } from "./wire/exchange.ts";
import type { Packet } from "./wire/packet.ts";
import { readUserPassword } from "./wire/password.ts";

/** Whether the sender of a UDP datagram is the NAS that it seems to be. */
export interface Envelope {
  /** The secret that the packet was verified with, or why it is dropped. `now`: epoch milliseconds. */
  verify(packet: Packet, nas: Nas, now: number): Secret | Drop;
  /** The secret that the NAS has, as far as its own requests told during a rotation; `undefined`: it has none. */
  secretInUse(nas: Nas, now: number): Secret | undefined;
}

/** What a NAS was seen to do, so that it can be demanded from then on. */
type Learned = "requireMessageAuthenticator" | "limitProxyState";

/**
 * `auto` of both demands begins here, for each NAS apart (CVE-2024-3596; draft-ietf-radext-deprecating-radius). What is
 * learned is kept in memory: an edge that starts begins to learn anew.
 *
 * That a NAS signs is learned from a right signature alone. That it is no old proxy, and its Proxy-State may be limited, is
 * learned from an unsigned request without Proxy-State too, which anybody could send from its address: else a NAS that never
 * signs, as many do for MAC authentication, would never be limited, and whoever sits on its path could turn a Reject into
 * an Accept by the Proxy-State that he adds. What a forger gains is no more than a demand: none is ever taken
 * back by a packet, so nothing gets in that did not before. It costs answers only to an old proxy that signs
 * nothing and was left at `auto`, and is told: what is learned is logged, what is dropped is counted and logged by its
 * reason, and `limit_proxy_state: no` ends it. Learning the opposite from what comes first would let one forged packet
 * take the protection away.
 */
export function createEnvelope(log: Pick<Log, "info">): Envelope {
  const seen: Readonly<Record<Learned, Set<NasId>>> = {
    requireMessageAuthenticator: new Set(),
    limitProxyState: new Set(),
  };
  const stillOnPrevious = new Set<NasId>();
  const demands = (nas: Nas, learned: Learned): boolean =>
    nas[learned] === "yes" || (nas[learned] === "auto" && seen[learned].has(nas.id));
  const learn = (nas: Nas, learned: Learned): void => {
    if (nas[learned] !== "auto" || seen[learned].has(nas.id)) return;
    seen[learned].add(nas.id);
    log.info({ nas: nas.id, learned }, "demanded of this NAS from now on");
  };
  return {
    verify(packet, nas, now) {
      const rule = ruleOf(demands(nas, "requireMessageAuthenticator"), demands(nas, "limitProxyState"));
      const verified = verifyWithEither(packet, nas, rule, now);
      if ("kind" in verified) return verified;
      if (verified === nas.previousSecret?.secret) stillOnPrevious.add(nas.id);
      else stillOnPrevious.delete(nas.id);
      if (packet.code !== "Access-Request") return verified;
      const isSigned = packet.messageAuthenticatorOffset !== undefined;
      if (isSigned) learn(nas, "requireMessageAuthenticator");
      if (isSigned || !has(packet, ATTRIBUTE.ProxyState)) learn(nas, "limitProxyState");
      return verified;
    },
    secretInUse({ id, secret, previousSecret: previous }, now) {
      return previous !== undefined && previous.expiresAt > now && stillOnPrevious.has(id) ? previous.secret : secret;
    },
  };
}

function ruleOf(isRequired: boolean, isProxyStateLimited: boolean): MessageAuthenticatorRule {
  if (isRequired) return "required";
  return isProxyStateLimited ? "if-present" : "optional";
}

/** The secret in force, else the one before while that holds: a NAS is changed some time after we are. */
function verifyWithEither(
  packet: Packet,
  { secret, previousSecret: previous }: Nas,
  rule: MessageAuthenticatorRule,
  now: number,
): Secret | Drop {
  // It is known by its certificate only.
  if (secret === undefined) return drop("unknown-nas");
  const verified = verifyRequest(packet, secret, rule);
  if (previous === undefined || previous.expiresAt <= now || verified.kind === "authentic") {
    return verified.kind === "drop" ? verified : secret;
  }
  if (verified.kind === "unsigned") return secretOfPassword(packet, secret, previous.secret);
  return verifyRequest(packet, previous.secret, rule).kind === "drop" ? verified : previous.secret;
}

/** Of a request without any authenticator, only its hidden password tells: under the wrong secret it is no text. */
function secretOfPassword(packet: Packet, secret: Secret, previous: Secret): Secret {
  const isPrevious = readUserPassword(packet, secret) === undefined && readUserPassword(packet, previous) !== undefined;
  return isPrevious ? previous : secret;
}
