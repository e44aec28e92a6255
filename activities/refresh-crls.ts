import { LARGEST_CRL } from "../domain/crl.ts";
import type { Crl } from "../domain/crl.ts";
import { nextFetchAt, retryFetchAt } from "../domain/crl-refresh.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import { MINUTE_MS } from "../domain/time.ts";
import { acceptCrl, authorityKey, signersOf } from "../runtime/crl-signature.ts";
import type { CrlAuthority } from "../runtime/crl-signature.ts";
import { isDatabaseAway } from "../store/availability.ts";
import { dueSources, recordFetch } from "../store/crl-sources.ts";
import type { CrlSource } from "../store/crl-sources.ts";
import type { Store } from "../store/pool.ts";
import { saveCrl } from "../store/crls.ts";
import { readIntermediates } from "../store/intermediates.ts";
import { loadEdgeSettings } from "../store/settings.ts";
import type { CrlRefresh } from "../workflows/contract.ts";
import type { ActivityDeps } from "./deps.ts";

type CrlDeps = Pick<ActivityDeps, "store" | "http" | "now" | "log">;

/** No fetch begins after this: what is left is still due. The port allows for one that has begun (workflows/ports.ts). */
const PATIENCE_MS = 4 * MINUTE_MS;
/** PEM is a third longer than DER. */
const LARGEST_FILE = 1.5 * LARGEST_CRL;

/**
 * Fetches an organization's due lists, one after the other. Done twice, it finds the second time that they are not due. Who
 * may sign them is read once: a list of an authority that is added meanwhile is due again soon, and edges judge by
 * whom they trust themselves.
 */
export async function refreshCrls(deps: CrlDeps, organizationId: OrganizationId): Promise<CrlRefresh> {
  const { store, now } = deps;
  const begun = now();
  const failures: string[] = [];
  let fetched = 0;
  let read: Promise<readonly CrlAuthority[]> | undefined;
  const signers = () => (read ??= readSigners(store, organizationId));
  for (const source of await dueSources(store, organizationId)) {
    if (now() - begun > PATIENCE_MS) break;
    const outcome = await fetchOne(deps, { organizationId, signers }, source);
    await recordFetch(store, organizationId, source.url, outcome);
    if (outcome.error === undefined) fetched += 1;
    else failures.push(`${source.url}: ${outcome.error}`);
  }
  const text = [`${fetched} CRLs are current.`, ...failures].join(" ");
  return { fetched, failed: failures.length, text };
}

/** Whose lists they are. */
interface Owner {
  readonly organizationId: OrganizationId;
  /** Who may have signed them. */
  readonly signers: () => Promise<readonly CrlAuthority[]>;
}

interface Outcome {
  /** Epoch milliseconds. */
  readonly nextFetchAt: number;
  readonly error: string | undefined;
}

/** What fails is due again later, whatever it was: only when Postgres is away is there nobody to note it. */
async function fetchOne(deps: CrlDeps, owner: Owner, source: CrlSource): Promise<Outcome> {
  const { now, log } = deps;
  const { organizationId } = owner;
  try {
    const fetched = await fetchList(deps, owner, source.url);
    if (typeof fetched !== "string") return { nextFetchAt: nextFetchAt(fetched, now()), error: undefined };
    log.warn({ organization: organizationId, url: source.url, reason: fetched }, "a CRL was not fetched");
    return { nextFetchAt: retryFetchAt(source.failures, now()), error: fetched };
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    log.error({ err: error, organization: organizationId, url: source.url }, "a CRL was fetched in vain");
    const text = `It could not be kept: ${error instanceof Error ? error.message : String(error)}.`;
    return { nextFetchAt: retryFetchAt(source.failures, now()), error: text };
  }
}

/** The list, kept; or a sentence that says why not. */
async function fetchList(
  { store, http, now, log }: CrlDeps,
  { organizationId, signers }: Owner,
  url: string,
): Promise<Crl | string> {
  const answer = await http.download({ url, maxBytes: LARGEST_FILE });
  if (answer.kind === "failed") return `${answer.detail}.`;
  if (answer.status !== 200) return `The server answered with status ${answer.status}.`;
  const accepted = acceptCrl(answer.octets, await signers(), now());
  if (accepted.kind === "refused") return accepted.sentence;
  const { crl, signer } = accepted;
  const name = signer.certificate.subject.replaceAll("\n", ", ");
  const saved = await saveCrl(store, organizationId, { issuer: authorityKey(signer), name, url, crl });
  if (saved.kind === "older") return "The server gives an older CRL than the one that is held.";
  if (saved.kind === "tooMany") return `There are ${saved.most} CRLs, as many as may be.`;
  if (saved.kind === "ok") log.info({ organization: organizationId, url, revoked: crl.entries.count }, "a new CRL");
  return crl;
}

async function readSigners(store: Store, organizationId: OrganizationId): Promise<readonly CrlAuthority[]> {
  const { cacerts } = await loadEdgeSettings(store, organizationId);
  const { trusted, intermediates } = signersOf(cacerts, await readIntermediates(store.db, organizationId));
  return [...trusted, ...intermediates];
}
