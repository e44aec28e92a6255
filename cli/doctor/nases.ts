import type { CoaOutcome } from "../../domain/coa.ts";
import { describeOutcome } from "../../domain/coa.ts";
import type { Nas } from "../../domain/nas.ts";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Http } from "../../outbound/http.ts";
import type { CoaOrder } from "../../radius-edge/coa/request.ts";
import { liveEdges } from "../../store/edges.ts";
import type { UnopenedNas } from "../../store/nas-rows.ts";
import { readNases } from "../../store/nases.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** RFC 2865 §3 wants a secret as hard to guess as a good password, of 16 octets at least. */
const SECRET_OCTETS = 16;
/** No NAS has it: one that answers says so, and with what it signs that the secret is shown to be the same at both ends. */
const NOBODYS_SESSION = "portcullis-doctor";
const DEADLINE_MS = 25 * SECOND_MS;

/** Each NAS of an organization: its secret, and whether it listens for CoA and understands us. */
export async function examineNases(
  store: Store,
  { http, token }: { readonly http: Http; readonly token: Secret },
  { id, name }: Organization,
): Promise<readonly Finding[]> {
  const { nases, unopenedNases } = await readNases(store.db, store.seals, [id]);
  if (nases.length + unopenedNases.length === 0)
    return [warning(`${name}: no NAS is registered`, "register one under /nases of the API")];
  const [edge] = await liveEdges(store);
  const findings = nases.map(async (nas) => {
    const asked = edge && (await examineCoa(nas, (order) => askEdge(http, token, edge.internalAddress, order)));
    return [...examineSecret(nas), ...(asked ?? [])];
  });
  return [...unopenedNases.map(examineUnopened), ...(await Promise.all(findings)).flat()];
}

function examineUnopened({ name, sentence }: UnopenedNas): Finding {
  return fault(
    `${name} is not answered: ${sentence}`,
    "PUT a new secret (and coa_secret) for it, and set that at the NAS",
  );
}

function examineSecret({ name, secret }: Nas): readonly Finding[] {
  if (secret === undefined || reveal(secret).length >= SECRET_OCTETS) return [];
  const text = `${name}: its secret is shorter than ${SECRET_OCTETS} characters`;
  return [warning(text, "give it a longer one; both hold until previous_secret_expires_at")];
}

async function examineCoa(
  nas: Nas,
  ask: (order: CoaOrder) => Promise<CoaOutcome | string>,
): Promise<readonly Finding[]> {
  const address = nas.coaAddress ?? singleAddress(nas.address);
  if (address === undefined) return [];
  const outcome = await ask(disconnectOfNobody(nas, address));
  const what = `${nas.name} (${address})`;
  if (typeof outcome === "string") return [warning(`${what} was not asked: ${outcome}`, "mend the edge first")];
  switch (outcome.kind) {
    case "sessionGone":
    case "acknowledged":
      return [good(`${what} takes CoA, and has the same secret`)];
    case "refused":
      return [
        good(`${what} answers CoA, and has the same secret; to a session that nobody has it said: ${outcome.text}`),
      ];
    case "atReauthentication":
      return [good(`${what}: ${outcome.text}; changed verdicts apply when sessions time out`)];
    case "noAnswer": {
      const mend = outcome.advice ?? "switch on dynamic authorization (RFC 5176) there, with this edge as client";
      return [fault(`${what} does not answer CoA: not reached, not listening, or another secret or clock`, mend)];
    }
    case "noPath":
      return [
        warning(`${what} was not asked: ${outcome.text}`, "see that it can open its RadSec connection to this edge"),
      ];
    case "busy":
      return [warning(`${what}: ${describeOutcome(outcome)}`, "ask again once the edge has less under way")];
    case "notSent":
      return [warning(`${what}: ${describeOutcome(outcome)}`, "choose a profile for the NAS that fits it")];
  }
}

function disconnectOfNobody(nas: Nas, sourceAddress: string): CoaOrder {
  const absent = { nasIpAddress: undefined, nasIpv6Address: undefined, nasIdentifier: nas.nasIdentifier };
  const port = { nasPort: undefined, nasPortId: undefined, callingStationId: undefined, calledStationId: undefined };
  const session = { acctSessionId: NOBODYS_SESSION, auditSessionId: undefined, profile: "standard" };
  return {
    organizationId: nas.organizationId,
    nasId: nas.id,
    minimumRevision: 0,
    step: "disconnect",
    // Examined is what this edge can do, whichever holds a RadSec connection.
    mayUseUdp: true,
    session: {
      nas: { nasId: nas.id, siteId: nas.siteId, sourceAddress, ...absent, ...port, ...session },
      userName: NOBODYS_SESSION,
      acctSessionId: NOBODYS_SESSION,
    },
  };
}

async function askEdge(http: Http, token: Secret, edgeUrl: string, order: CoaOrder): Promise<CoaOutcome | string> {
  const answer = await http.request({
    method: "POST",
    url: `${edgeUrl}/internal/v1/coa`,
    headers: { authorization: `Bearer ${reveal(token)}`, "content-type": "application/json" },
    body: JSON.stringify(order),
    deadlineMs: DEADLINE_MS,
  });
  if (answer.kind === "failed") return answer.detail;
  return answer.status === 200 ? (JSON.parse(answer.text) as CoaOutcome) : `the edge answered ${answer.status}`;
}

/** A prefix of many addresses names no NAS. */
function singleAddress(prefix: string | undefined): string | undefined {
  const [address = "", bits] = (prefix ?? "").split("/");
  const isSingle = bits === undefined || Number(bits) === (address.includes(":") ? 128 : 32);
  return address !== "" && isSingle ? address : undefined;
}
