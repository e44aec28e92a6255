import type { Nas } from "../../domain/nas.ts";
import { reveal } from "../../domain/secret.ts";
import { createNasRegistry } from "../../radius-edge/nas-registry.ts";
import type { UnopenedNas } from "../../store/nas-rows.ts";
import { nasSightings } from "../../store/nas-sightings.ts";
import type { NasSighting } from "../../store/nas-sightings.ts";
import { readNases } from "../../store/nases.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { coaFindings } from "./coa-findings.ts";
import { askThroughAll } from "./coa-probe.ts";
import type { Probe, WayToEdges } from "./coa-probe.ts";
import { fault, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** RFC 2865 §3 wants a secret as hard to guess as a good password, of 16 octets at least. */
const SECRET_OCTETS = 16;
/** Of a prefix: as many addresses are asked. */
const MOST_ADDRESSES = 3;
/** A dead NAS takes 15 s, and each edge some 250 orders at a time. */
const AT_ONCE = 64;

/** Each NAS of an organization: its secret, and whether it listens for CoA and understands us. */
export async function examineNases(
  store: Store,
  way: WayToEdges,
  { id, name, revision }: Organization,
): Promise<readonly Finding[]> {
  const { nases, unopenedNases } = await readNases(store.db, store.seals, [id]);
  if (nases.length + unopenedNases.length === 0)
    return [warning(`${name}: no NAS is registered`, "register one under /nases of the API")];
  const findings = unopenedNases.map(examineUnopened);
  for (let i = 0; i < nases.length; i += AT_ONCE) {
    const some = nases.slice(i, i + AT_ONCE).map(async (nas) => [
      ...examineSecret(nas),
      // That none lives, or is reached, is said of the edges.
      ...(way.edges.length === 0 ? [] : await examineCoa({ nas, revision, way }, await nasSightings(store, nas.id))),
    ]);
    findings.push(...(await Promise.all(some)).flat());
  }
  return findings;
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

interface Examined {
  readonly nas: Nas;
  readonly revision: number;
  readonly way: WayToEdges;
}

/** As enforcement goes about it: along a connection of the NAS's own where an edge has one, else over UDP. */
async function examineCoa(
  { nas, revision, way }: Examined,
  sightings: readonly NasSighting[],
): Promise<readonly Finding[]> {
  const ask = (probe: Pick<Probe, "address" | "seen" | "mayUseUdp">) => askThroughAll(way, { nas, revision, ...probe });
  const [last] = sightings;
  const findings: Finding[] = [];
  if (nas.radsec !== undefined) {
    const probed = await ask({ address: last?.nas.sourceAddress ?? "", seen: last?.nas, mayUseUdp: false });
    const told = probed.filter(({ outcome }) => typeof outcome === "string" || outcome.kind !== "noPath");
    findings.push(...coaFindings(`${nas.name} (RadSec)`, "radsec", told));
    if (told.some(({ outcome }) => typeof outcome !== "string")) return findings;
    if (told.length === 0) findings.push(notConnected(nas, last));
  }
  if (nas.secret === undefined && nas.coaSecret === undefined) return findings;
  const places = placesOf(nas, sightings);
  if (places.length === 0) findings.push(neverSeen(nas));
  for (const { address, seen, label } of places) {
    const probed = await ask({ address, seen, mayUseUdp: true });
    findings.push(...coaFindings(`${nas.name} (${label})`, "udp", probed));
  }
  return findings;
}

function notConnected({ name, radsec }: Nas, last: NasSighting | undefined): Finding {
  const seen =
    last === undefined
      ? "no session is known to have come from it lately"
      : `its last session was ${whenAndWhere(last)}`;
  const text = `${name} has no RadSec connection to any edge that is reached from here; ${seen}`;
  const mend =
    `let it connect by TLS to PORTCULLIS_RADSEC_PORT of an edge, with a certificate of ${radsec?.issuer} for ${radsec?.san}` +
    " by an authority in PORTCULLIS_RADSEC_CA_FILE; edges log whom they refuse, and why";
  return warning(text, mend);
}

function neverSeen({ name, address }: Nas): Finding {
  const text = `${name} (${address}): no session is known to have come from there lately, so it is not known whom to ask for CoA`;
  const mend =
    "let a client authenticate there and run this again, or ask by hand from an edge's machine: " +
    `echo Acct-Session-Id=none | radclient <its address>:<its CoA port> disconnect <its secret>`;
  return warning(text, mend);
}

interface Place {
  readonly address: string;
  readonly seen: NasSighting["nas"] | undefined;
  readonly label: string;
}

/** Where CoA goes over UDP: the one address that is registered, else those of a prefix that were heard of last. */
function placesOf(nas: Nas, sightings: readonly NasSighting[]): readonly Place[] {
  const { address, coaAddress, nasIdentifier } = nas;
  const single = coaAddress ?? singleAddress(address);
  if (single !== undefined) return [{ address: single, seen: sightings[0]?.nas, label: single }];
  const registry = createNasRegistry([nas]);
  const within = sightings.filter(
    ({ nas: seen }) => registry.find(seen.sourceAddress, () => nasIdentifier) !== undefined,
  );
  return within.slice(0, MOST_ADDRESSES).map((sighting) => ({
    address: sighting.nas.sourceAddress,
    seen: sighting.nas,
    label: `${address}, last heard of ${whenAndWhere(sighting)}`,
  }));
}

function whenAndWhere({ nas: { sourceAddress }, at }: NasSighting): string {
  return `at ${sourceAddress}, ${new Date(at).toISOString()}`;
}

/** A prefix of many addresses names no NAS. */
function singleAddress(prefix: string | undefined): string | undefined {
  const [address = "", bits] = (prefix ?? "").split("/");
  const isSingle = bits === undefined || Number(bits) === (address.includes(":") ? 128 : 32);
  return address !== "" && isSingle ? address : undefined;
}
