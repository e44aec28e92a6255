import { DAY_MS } from "../../domain/time.ts";
import { authorityKey, signersOf } from "../../runtime/crl-signature.ts";
import type { CrlAuthority } from "../../runtime/crl-signature.ts";
import { listSources } from "../../store/crl-sources.ts";
import { listCrls } from "../../store/crls.ts";
import type { StoredCrl } from "../../store/crls.ts";
import { readIntermediates } from "../../store/intermediates.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { loadEdgeSettings } from "../../store/settings.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** The lists by which an organization's edges refuse revoked certificates, and where they come from. */
export async function examineCrls(store: Store, { id, name }: Organization): Promise<readonly Finding[]> {
  const {
    cacerts,
    crl: { mode },
  } = await loadEdgeSettings(store, id);
  const crls = await listCrls(store, id);
  const failing = (await listSources(store, id)).filter(({ error }) => error !== undefined);
  const { trusted, intermediates } = signersOf(cacerts, await readIntermediates(store.db, id));
  const unlisted = mode === "hard" ? without(crls, [...trusted, ...intermediates]) : [];
  return [
    ...crls.map((crl) => age(`${name}: the CRL of ${crl.name}`, crl, mode)),
    ...unlisted.map((authority) =>
      warning(
        `${name}: no CRL of "${authority}" is held`,
        "upload it by setting/mist_nac_crls, or set mist_nac.crl.urls: until then, of the certificates that it issued, those that name a CRL are refused, and the others not checked (mist_nac.crl.mode is hard)",
      ),
    ),
    ...failing.map(({ url, error }) =>
      warning(
        `${name}: no CRL from ${url}: ${error ?? ""}`,
        "mend its server, or give the CRL by setting/mist_nac_crls",
      ),
    ),
  ];
}

/** The names of the authorities that no list is held of. */
function without(crls: readonly StoredCrl[], authorities: readonly CrlAuthority[]): readonly string[] {
  const listed = new Set(crls.map(({ issuer }) => issuer));
  const unlisted = authorities.filter((authority) => !listed.has(authorityKey(authority)));
  return [...new Set(unlisted.map(({ certificate }) => certificate.subject.replaceAll("\n", ", ")))];
}

/** One that is fetched is renewed by itself; one that was uploaded needs a person, in time. */
function age(what: string, { nextUpdate, source }: StoredCrl, mode: "soft" | "hard"): Finding {
  const days = Math.floor((nextUpdate - Date.now()) / DAY_MS);
  if (days < 0) {
    const text = `${what} is stale since ${new Date(nextUpdate).toISOString()}`;
    return mode === "hard"
      ? fault(text, "give a new one: until then its clients are refused (mist_nac.crl.mode is hard)")
      : warning(text, "give a new one: until then who is revoked anew gets in (mist_nac.crl.mode is soft)");
  }
  const text = `${what} is good for ${days} days`;
  return source === "uploaded" && days < 1 ? warning(text, "upload its successor before then") : good(text);
}
