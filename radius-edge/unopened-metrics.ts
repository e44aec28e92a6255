import { Gauge } from "prom-client";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { OrganizationView } from "./organization-view.ts";
import { unopenedOf } from "./unopened.ts";
import type { Unopened } from "./unopened.ts";

/** The organizations that an edge holds, by id. */
interface Holder {
  readonly revisions: Readonly<Record<OrganizationId, number>>;
  organization(id: OrganizationId): Pick<OrganizationView, "unopenedNases" | "settings" | "people">;
}

const GAUGES: Readonly<Record<keyof Unopened, { readonly name: string; readonly help: string }>> = {
  nases: {
    name: "portcullis_nases_unopened",
    help: "NASes that are not answered, since no master key of this edge opens their secrets",
  },
  directories: {
    name: "portcullis_directories_unopened",
    help: "Directories that are not asked, since no master key of this edge opens their bind passwords",
  },
  serverKeys: {
    name: "portcullis_server_keys_unopened",
    help: "Organizations whose server keys no master key of this edge opens: without EAP, at the latest when it starts again",
  },
};

export function watchUnopened(registry: Metrics, holder: Holder): void {
  for (const kind of Object.keys(GAUGES) as (keyof Unopened)[]) {
    const gauge: Gauge = new Gauge({
      ...GAUGES[kind],
      registers: [registry],
      collect: () => {
        const ids = Object.keys(holder.revisions) as OrganizationId[];
        gauge.set(ids.reduce((sum, id) => sum + unopenedOf(holder.organization(id))[kind].length, 0));
      },
    });
  }
}
