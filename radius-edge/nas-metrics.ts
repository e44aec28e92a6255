import { Gauge } from "prom-client";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { OrganizationView } from "./organization-view.ts";

/** The organizations that an edge holds, by id, and the NASes of theirs that it cannot answer. */
interface Holder {
  readonly revisions: Readonly<Record<OrganizationId, number>>;
  organization(id: OrganizationId): Pick<OrganizationView, "unopenedNases">;
}

export function watchNases(registry: Metrics, holder: Holder): void {
  const gauge: Gauge = new Gauge({
    name: "portcullis_nases_unopened",
    help: "NASes that are not answered, since no master key of this edge opens their secrets",
    registers: [registry],
    collect: () => {
      const ids = Object.keys(holder.revisions) as OrganizationId[];
      gauge.set(ids.reduce((sum, id) => sum + holder.organization(id).unopenedNases.length, 0));
    },
  });
}
