import { MdmTenant } from "../mdm-tenant.ts";

/** How the tenant behaves; the comment on each says what is known. All can be changed while it runs. */
export interface WorkspaceOneSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Omnissa's tokens live an hour. */
  readonly tokenLifetimeSeconds: number;
  /** The `aw-tenant-code` to insist on; `null` asks for none. Whether OAuth needs one differs by tenant. */
  readonly requireTenantCode: string | null;
  /** Calls in 24 hours from the first, all clients of the tenant together. */
  readonly quota: number;
  /** What a bulk read answers when nothing matched: both are met in the field. */
  readonly bulkNotFound: 200 | 404;
  /** Longest list that a bulk read takes; undocumented by the vendor. */
  readonly bulkMaximum: number;
}

export type WorkspaceOneTenant = MdmTenant<WorkspaceOneSettings>;

export function createTenant(
  credentials: Pick<WorkspaceOneSettings, "clientId" | "clientSecret">,
  now: () => number,
): WorkspaceOneTenant {
  const settings: WorkspaceOneSettings = {
    tokenLifetimeSeconds: 3600,
    requireTenantCode: null,
    // Recorded from one live tenant (graph-airwatch recordings, 2023); others have 50,000.
    quota: 250_000,
    bulkNotFound: 200,
    bulkMaximum: 500,
    ...credentials,
  };
  return new MdmTenant(settings, { firstId: 5001, sequenceOf: () => "device", now });
}
