import { isSame } from "../domain/der.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import { readAuthorities } from "../runtime/crl-signature.ts";
import { isDatabaseAway } from "../store/availability.ts";
import { organizationsWithDueSources, readCrlSettings, reconcileSources } from "../store/crl-sources.ts";
import type { ActivityDeps } from "./deps.ts";

/** As many as one round of the workflow takes; the others are longer overdue in the next. */
const AT_ONCE = 100;

/** Makes the sources what the settings want, and tells whose are due. */
export async function findDueCrls({
  store,
  log,
}: Pick<ActivityDeps, "store" | "log">): Promise<{ readonly organizationIds: readonly OrganizationId[] }> {
  for (const { organizationId, cacerts, urls } of await readCrlSettings(store)) {
    const wanted = [...textsOf(urls), ...distributionPoints(textsOf(cacerts))];
    try {
      await reconcileSources(store, { organizationId, urls: [...new Set(wanted)] });
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      // What Postgres does not take of one organization's keeps no other's from being fetched.
      log.error({ err: error, organization: organizationId }, "where CRLs are fetched from could not be noted");
    }
  }
  return { organizationIds: await organizationsWithDueSources(store, AT_ONCE) };
}

/** Where the lists are that speak of the trusted CAs themselves, as far as one of these has signed them. */
function distributionPoints(cacerts: readonly string[]): readonly string[] {
  const authorities = readAuthorities(cacerts).map(({ parts }) => parts);
  const isBelow = ({ subject, issuer }: (typeof authorities)[number]): boolean =>
    !isSame(subject, issuer) && authorities.some((other) => isSame(other.subject, issuer));
  return authorities.filter(isBelow).flatMap(({ crlUrls }) => crlUrls.filter((url) => /^https?:/i.test(url)));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
