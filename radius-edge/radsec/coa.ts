import type { CoaOutcome } from "../../domain/coa.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { CoaRequest } from "../coa/exchange.ts";
import { coaBusy, coaNotSent, coaOutcomeOf, STOPPING } from "../coa/outcome.ts";
import type { RadsecEnd } from "./metrics.ts";
import { RADSEC_SECRET } from "./secret.ts";
import { buildDynamicAuthorization, readDynamicAuthorizationAnswer } from "../wire/dynamic-authorization.ts";
import { CODE_NUMBERS } from "../wire/packet-code.ts";

/** CoA the other way along one RadSec connection. */
export interface RadsecCoa {
  send(request: Pick<CoaRequest, "code" | "attributes">): Promise<CoaOutcome>;
  /** Takes an answer to CoA; `no`: the packet is a request for the dispatch. */
  take(packet: Buffer): "no" | "taken" | "forged";
  /** The connection is gone. */
  end(reason: RadsecEnd): void;
}

/** Behaviour 5.6: how long an ACK may take. Nothing is sent again, since TCP loses nothing (RFC 6613 §2.6.1). */
const ANSWER_MS = 15 * SECOND_MS;
const IDENTIFIERS = 256;

const ANSWERS: ReadonlySet<number> = new Set(
  (["CoA-ACK", "CoA-NAK", "Disconnect-ACK", "Disconnect-NAK"] as const).map((code) => CODE_NUMBERS[code]),
);

/** `write` sends octets, unless too many wait already. Our 256 identifiers are apart from those of the NAS. */
export function createRadsecCoa(write: (bytes: Buffer) => boolean): RadsecCoa {
  const awaited = new Map<number, { readonly bytes: Buffer; readonly finish: (outcome: CoaOutcome) => void }>();
  let last = -1;
  const freeIdentifier = (): number | undefined => {
    if (awaited.size === IDENTIFIERS) return undefined;
    do last = (last + 1) % IDENTIFIERS;
    while (awaited.has(last));
    return last;
  };
  return {
    send({ code, attributes }) {
      const identifier = freeIdentifier();
      if (identifier === undefined) return Promise.resolve(coaBusy("256 requests to this NAS are unanswered"));
      const draft = { code, attributes, identifier, sentAt: Date.now() };
      const encoded = buildDynamicAuthorization(draft, RADSEC_SECRET);
      if (encoded.kind === "refused") return Promise.resolve(coaNotSent(encoded.sentence));
      const { bytes } = encoded;
      if (!write(bytes)) return Promise.resolve(coaBusy("the NAS does not read from its RadSec connection"));
      return new Promise((resolve) => {
        const finish = (outcome: CoaOutcome): void => {
          clearTimeout(timer);
          awaited.delete(identifier);
          resolve(outcome);
        };
        const timer = setTimeout(() => finish({ kind: "noAnswer", attempts: 1 }), ANSWER_MS);
        awaited.set(identifier, { bytes, finish });
      });
    },
    take(packet) {
      if (!ANSWERS.has(packet[0]!)) return "no";
      const waiting = awaited.get(packet[1]!);
      // RFC 6613 §2.6.4: what answers nothing is discarded; what pretends to is a reason to close.
      if (waiting === undefined) return "taken";
      const answer = readDynamicAuthorizationAnswer(packet, waiting.bytes, RADSEC_SECRET);
      if (answer.kind === "drop") return answer.reason === "not-awaited" ? "taken" : "forged";
      waiting.finish(coaOutcomeOf(answer));
      return "taken";
    },
    end(reason) {
      const outcome: CoaOutcome = reason === "shutdown" ? coaBusy(STOPPING) : { kind: "noAnswer", attempts: 1 };
      for (const { finish } of awaited.values()) finish(outcome);
    },
  };
}
