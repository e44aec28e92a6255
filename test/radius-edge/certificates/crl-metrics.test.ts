import type { OrganizationId } from "../../../domain/identifiers.ts";
import { watchCrls } from "../../../radius-edge/certificates/crl-metrics.ts";
import { readLists } from "../../../radius-edge/certificates/revocation.ts";
import { createMetrics } from "../../../runtime/metrics.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { organizationId } from "../../support/domain-values.ts";

test("the metric tells when an authority's list goes stale, the first of several, and nothing of what is gone", async () => {
  const authority = await createAuthority("Acme Devices");
  const [soon, later] = [Date.UTC(2030, 0, 1), Date.UTC(2031, 0, 1)];
  const crls = await Promise.all([later, soon, later].map((nextUpdate) => authority.crl({ nextUpdate })));
  const lists = readLists([authority.certificatePem], { crls, intermediates: [] });
  const held = new Map([[organizationId, { lists }]]);
  const registry = createMetrics("edge");
  watchCrls(registry, {
    get revisions() {
      return Object.fromEntries([...held.keys()].map((id) => [id, 1])) as Record<OrganizationId, number>;
    },
    organization: (id) => held.get(id)!,
  });
  const line = async () =>
    (await registry.metrics()).split("\n").filter((text) => text.startsWith("portcullis_crl_next_update"));
  const [told, ...more] = await line();
  expect(more).toEqual([]);
  expect(told).toContain('issuer="CN=Acme Devices"');
  expect(told).toMatch(new RegExp(` ${soon / 1_000}$`));
  held.clear();
  expect(await line()).toEqual([]);
});
