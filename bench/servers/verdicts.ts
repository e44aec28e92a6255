import type { OrganizationId } from "../../domain/identifiers.ts";
import { query } from "./database.ts";

/**
 * Compliant verdicts for the clients of load/requests.ts, as so many look-ups of an hour ago would have left them: none is
 * due, each with a revision of its own.
 */
export async function fillVerdicts(databaseUrl: string, organization: OrganizationId, count: number): Promise<void> {
  await query(databaseUrl, verdictsOf(organization, "'mac:' || mac", "'mac', 'matchedMac', mac", MACS(count)));
  await query(databaseUrl, `update organizations set revision = revision + ${count} where id = '${organization}'`);
  await query(databaseUrl, "analyze verdicts");
}

/** The same for one device with a certificate. */
export async function fillDeviceVerdict(databaseUrl: string, organization: OrganizationId, device: string) {
  await query(databaseUrl, verdictsOf(organization, `'device:${device}'`, "'deviceId'", "generate_series(1, 1) as i"));
  await query(databaseUrl, `update organizations set revision = revision + 1 where id = '${organization}'`);
}

const MACS = (count: number): string =>
  `(select i + 1 as i, 'a483e7' || lpad(to_hex(i), 6, '0') as mac from generate_series(0, ${count - 1}) as i) as client`;

function verdictsOf(organization: OrganizationId, identity: string, matchedBy: string, from: string): string {
  return `
    with facts as (
      select floor(extract(epoch from now()) * 1000) as now, revision from organizations where id = '${organization}')
    insert into verdicts (organization_id, identity, verdict, status, account_id, revision, checked_at, changed_at, due_at)
    select '${organization}', ${identity},
      jsonb_build_object('status', 'compliant', 'reason', 'reported', 'details', '[]'::jsonb,
        'source', jsonb_build_object('accountId', '0199aaaa-0000-7000-8000-000000000001', 'kind', 'vmware'),
        'matchedBy', ${matchedBy}, 'revision', facts.revision + i, 'checkedAt', facts.now - 3600000,
        'changedAt', facts.now - 3600000, 'dueAt', facts.now + 86400000),
      'compliant', '0199aaaa-0000-7000-8000-000000000001', facts.revision + i, now() - interval '1 hour',
      now() - interval '1 hour', now() + interval '1 day'
    from facts, ${from}`;
}
