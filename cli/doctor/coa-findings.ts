import { describeOutcome } from "../../domain/coa.ts";
import type { CoaOutcome } from "../../domain/coa.ts";
import type { Probed } from "./coa-probe.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Along a connection of the NAS's own there is no secret, no clock and no port to be wrong. */
type Way = "udp" | "radsec";

/**
 * What the answers through all edges amount to: one finding where they agree, else one for each, which names its edges. A
 * connection is some edge's, which is always named.
 */
export function coaFindings(what: string, way: Way, probed: readonly Probed[]): readonly Finding[] {
  const groups = new Map<string, { readonly finding: Finding; readonly edges: string[] }>();
  for (const { edgeId, outcome } of probed) {
    const finding = findingOf(what, way, outcome);
    const key = JSON.stringify(finding);
    const group = groups.get(key) ?? { finding, edges: [] };
    group.edges.push(edgeId);
    groups.set(key, group);
  }
  if (groups.size === 1 && way === "udp") return [...groups.values()].map(({ finding }) => finding);
  return [...groups.values()].map(({ finding, edges }) => ({
    ...finding,
    text: `${finding.text} (through edge ${edges.join(", ")})`,
  }));
}

function findingOf(what: string, way: Way, outcome: CoaOutcome | string): Finding {
  if (typeof outcome === "string") return warning(`${what} was not asked: ${outcome}`, "mend the edge first");
  const isSame = way === "udp" ? ", and has the same secret" : "";
  switch (outcome.kind) {
    case "sessionGone":
    case "acknowledged":
      return good(`${what} takes CoA${isSame}`);
    case "refused":
      return good(`${what} answers CoA${isSame}; to a session that nobody has it said: ${outcome.text}`);
    case "atReauthentication":
      return good(`${what}: ${outcome.text}; changed verdicts apply when sessions time out`);
    case "noAnswer":
      return fault(`${what} does not answer CoA: ${WHY_SILENT[way]}`, outcome.advice ?? MENDS_SILENCE[way]);
    case "noPath":
      return warning(`${what} was not asked: ${outcome.text}`, "see that it can open its RadSec connection to an edge");
    case "busy":
      return warning(`${what}: ${describeOutcome(outcome)}`, "ask again once the edge has less under way");
    case "notSent":
      return warning(`${what}: ${describeOutcome(outcome)}`, "choose a profile for the NAS that fits it");
  }
}

const WHY_SILENT: Readonly<Record<Way, string>> = {
  udp: "not reached, not listening, or another secret or clock",
  radsec: "it has the connection open, and says nothing to CoA on it",
};
const MENDS_SILENCE: Readonly<Record<Way, string>> = {
  udp: "switch on dynamic authorization (RFC 5176) there, with each edge as client",
  radsec: "switch on CoA over RadSec there, or register address and secret too, for CoA over UDP",
};
