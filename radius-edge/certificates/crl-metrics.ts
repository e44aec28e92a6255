import { Gauge } from "prom-client";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Metrics } from "../../runtime/metrics.ts";
import type { RevocationLists } from "./revocation.ts";

/** The organizations that an edge holds, by id, and their lists. */
interface Holder {
  readonly revisions: Readonly<Record<OrganizationId, number>>;
  organization(id: OrganizationId): { readonly lists: Pick<RevocationLists, "lists"> };
}

/** Lets an alarm ring before a list goes stale: what that does to clients is behaviour 8.5. */
export function watchCrls(registry: Metrics, holder: Holder): void {
  const gauge: Gauge<"organization" | "issuer"> = new Gauge({
    name: "portcullis_crl_next_update_timestamp_seconds",
    help: "When each authority's CRL goes stale; of several, the first",
    labelNames: ["organization", "issuer"],
    registers: [registry],
    collect: () => {
      gauge.reset();
      for (const organization of Object.keys(holder.revisions) as OrganizationId[]) {
        const { lists } = holder.organization(organization).lists;
        // The first to go stale is set last, and stays.
        for (const { crl, signer } of lists.toSorted((a, b) => b.crl.nextUpdate - a.crl.nextUpdate)) {
          const issuer = signer.certificate.subject.replaceAll("\n", ", ");
          gauge.set({ organization, issuer }, crl.nextUpdate / SECOND_MS);
        }
      }
    },
  });
}
