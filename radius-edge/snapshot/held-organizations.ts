import type { OrganizationId } from "../../domain/identifiers.ts";
import type { Nas, RadsecIdentity } from "../../domain/nas.ts";
import { createNasRegistry } from "../nas-registry.ts";
import type { OrganizationView } from "../organization-view.ts";

/** The organizations in an edge's memory, and their NASes by what packets show of them. */
export interface HeldOrganizations {
  readonly views: ReadonlyMap<OrganizationId, OrganizationView>;
  /** Throws RangeError for an organization that is not held; a NAS that was found has one. */
  organization(id: OrganizationId): OrganizationView;
  readonly revisions: Readonly<Record<OrganizationId, number>>;
  put(view: OrganizationView): void;
  remove(id: OrganizationId): void;
  findNas(sourceAddress: string, nasIdentifier: () => string | undefined): Nas | undefined;
  findNasByCertificate(identity: RadsecIdentity): Nas | undefined;
  /** Whether the organization's view is as new as `revision`, within `waitMs`. */
  waitFor(id: OrganizationId, revision: number, waitMs: number): Promise<boolean>;
}

export function holdOrganizations(): HeldOrganizations {
  const views = new Map<OrganizationId, OrganizationView>();
  const waiters = new Set<() => void>();
  let registry = createNasRegistry([]);
  const changed = (nasesBefore: readonly Nas[] | undefined, nasesNow: readonly Nas[] | undefined): void => {
    if (nasesBefore !== nasesNow) registry = createNasRegistry([...views.values()].flatMap(({ nases }) => nases));
    for (const wake of waiters) wake();
  };
  return {
    views,
    organization(id) {
      const view = views.get(id);
      if (view === undefined) throw new RangeError(`organization ${id} is not held by this edge`);
      return view;
    },
    get revisions() {
      return Object.fromEntries([...views].map(([id, { revision }]) => [id, revision]));
    },
    put(view) {
      const before = views.get(view.organizationId);
      views.set(view.organizationId, view);
      changed(before?.nases, view.nases);
    },
    remove(id) {
      const before = views.get(id);
      views.delete(id);
      changed(before?.nases, undefined);
    },
    findNas: (address, nasIdentifier) => registry.find(address, nasIdentifier),
    findNasByCertificate: (identity) => registry.findByCertificate(identity),
    waitFor: (id, revision, waitMs) => waitUntil(() => (views.get(id)?.revision ?? -1) >= revision, waiters, waitMs),
  };
}

function waitUntil(isMet: () => boolean, waiters: Set<() => void>, waitMs: number): Promise<boolean> {
  if (isMet()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (result: boolean): void => {
      clearTimeout(timer);
      waiters.delete(check);
      resolve(result);
    };
    const check = (): void => {
      if (isMet()) finish(true);
    };
    const timer = setTimeout(() => finish(false), waitMs);
    waiters.add(check);
  });
}
