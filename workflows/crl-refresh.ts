import { isCancellation, patched } from "@temporalio/workflow";
import type { OrganizationId } from "../domain/identifiers.ts";
import type { CrlRefresh } from "./contract.ts";
import { findDueCrls, refreshCrls } from "./ports.ts";
import { reasonOf } from "./reason.ts";

/** Lists may be large: this many organizations' at a time. */
const AT_ONCE = 4;

/** One round of fetching CRLs, begun by a Schedule. What fails is due again, in a later round, and fails no workflow. */
export async function CrlRefreshWorkflow(): Promise<{ readonly text: string }> {
  let organizationIds: readonly OrganizationId[];
  try {
    ({ organizationIds } = await findDueCrls.executeWithOptions({ summary: "whose CRLs are due" }, []));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { text: `It is not known whose CRLs are due: ${reasonOf(error)}` };
  }
  // Rounds that began before waited for the slowest of four before the next four.
  const done = patched("crls-in-lanes") ? await inLanes(organizationIds) : await inFours(organizationIds);
  const sum = (count: (each: CrlRefresh) => number): number => done.reduce((total, each) => total + count(each), 0);
  const lists = `${sum(({ fetched }) => fetched)} CRLs fetched, ${sum(({ failed }) => failed)} failed`;
  return { text: `${organizationIds.length} organizations: ${lists}.` };
}

/** Whoever is done makes room for the next: one that takes long holds up one lane, and no organization in the others. */
async function inLanes(organizationIds: readonly OrganizationId[]): Promise<readonly CrlRefresh[]> {
  const done: CrlRefresh[] = [];
  const waiting = organizationIds.values();
  const lane = async (): Promise<void> => {
    for (const organizationId of waiting) done.push(await refresh(organizationId));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return done;
}

async function inFours(organizationIds: readonly OrganizationId[]): Promise<readonly CrlRefresh[]> {
  const done: CrlRefresh[] = [];
  for (let from = 0; from < organizationIds.length; from += AT_ONCE) {
    done.push(...(await Promise.all(organizationIds.slice(from, from + AT_ONCE).map(refresh))));
  }
  return done;
}

/** The trouble of one organization keeps no other waiting. */
async function refresh(organizationId: OrganizationId): Promise<CrlRefresh> {
  try {
    const summary = `fetch the CRLs of ${organizationId}`;
    return await refreshCrls.executeWithOptions({ summary }, [{ organizationId }]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { fetched: 0, failed: 1, text: reasonOf(error) };
  }
}
