import type { NasId, OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import type { Authority, CertifiedKey } from "../../simulators/certificates.ts";
import { createLabel, listLabels, type LabelDraft } from "../../store/labels.ts";
import { createNas } from "../../store/nases.ts";
import { createOrganization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { createRule } from "../../store/rules.ts";
import { writeSetting } from "../../store/settings.ts";
import { SECRET, VLAN } from "../load/requests.ts";

/** What others name it by. */
export interface Organization {
  readonly id: OrganizationId;
  readonly nasId: NasId;
}

/** Whose certificates an organization trusts, and its server's own. */
export interface Site {
  readonly authority: Authority;
  readonly server: CertifiedKey;
}

/** A NAS, and rules that let the compliant into the benchmark's VLAN. Everyone else is refused, which a run would notice. */
export async function makeOrganization(
  store: Store,
  nas: { readonly address: string; readonly coaPort?: number },
  site?: Site,
): Promise<Organization> {
  const { id } = await createOrganization(store, { name: `benchmark at ${nas.address}` });
  const certificates =
    site === undefined
      ? {}
      : { cacerts: [site.authority.certificatePem], server_cert: { cert: site.server.certificatePem } };
  await writeSetting(store, id, {
    setting: { mist_nac: { ...certificates, mdm: { trust_mac_authentication: true } } },
    ...(site === undefined ? {} : { serverKey: secret(site.server.keyPem) }),
  });
  const saved = await createNas(store, id, {
    name: "switch",
    address: nas.address,
    secret: secret(SECRET),
    profile: "cisco",
    coaPort: nas.coaPort ?? 3799,
    coaThroughProxy: undefined,
  });
  if (saved.kind !== "ok") throw new Error(`the NAS was not saved: ${saved.kind}`);
  await makeRule(store, id, [
    { name: "corporate", type: "vlan", values: [VLAN] },
    { name: "a shift", type: "session_timeout", values: ["28800"] },
  ]);
  return { id, nasId: saved.nas.id };
}

async function makeRule(store: Store, id: OrganizationId, results: readonly LabelDraft[]): Promise<void> {
  const compliant = (await listLabels(store, id)).filter(({ label }) => label.name === "Compliant");
  const applied = await Promise.all(
    results.map(async (draft) => {
      const saved = await createLabel(store, id, draft);
      if (saved.kind !== "ok") throw new Error(`the label was not saved: ${saved.kind}`);
      return saved.label.id;
    }),
  );
  await createRule(store, id, {
    name: "compliant devices",
    order: 0,
    enabled: true,
    action: "allow",
    matching: { labels: compliant.map(({ label }) => label.id), fields: {} },
    notMatching: { labels: [], fields: {} },
    applyLabels: applied,
  });
}
