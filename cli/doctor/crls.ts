import { DAY_MS } from "../../domain/time.ts";
import { listSources } from "../../store/crl-sources.ts";
import { listCrls } from "../../store/crls.ts";
import type { StoredCrl } from "../../store/crls.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { loadEdgeSettings } from "../../store/settings.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** The lists by which an organization's edges refuse revoked certificates, and where they come from. */
export async function examineCrls(store: Store, { id, name }: Organization): Promise<readonly Finding[]> {
  const {
    crl: { mode },
  } = await loadEdgeSettings(store, id);
  const crls = await listCrls(store, id);
  const failing = (await listSources(store, id)).filter(({ error }) => error !== undefined);
  return [
    ...crls.map((crl) => age(`${name}: the CRL of ${crl.name}`, crl, mode)),
    ...failing.map(({ url, error }) =>
      warning(
        `${name}: no CRL from ${url}: ${error ?? ""}`,
        "mend its server, or give the CRL by setting/mist_nac_crls",
      ),
    ),
  ];
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
