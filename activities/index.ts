import { ApplicationFailure } from "@temporalio/activity";
import { DEFAULT_NAS_READY_MS } from "../domain/nas-profile.ts";
import { createTokenCache } from "../mdm/tokens.ts";
import { isDatabaseAway } from "../store/availability.ts";
import type { ComplianceActivities } from "../workflows/contract.ts";
import type { ActivityDeps } from "./deps.ts";
import { enforce } from "./enforce.ts";
import { findDueCrls } from "./find-due-crls.ts";
import { lookUpCompliance } from "./look-up-compliance.ts";
import { currentOccurrence } from "./occurrence.ts";
import { refreshCrls } from "./refresh-crls.ts";
import { sendCoa } from "./send-coa.ts";

/** What a worker holds; the rest has a default that only tests replace. */
export type WorkerParts = Omit<ActivityDeps, "now" | "random" | "tokens" | "nasReadyMs"> & Partial<ActivityDeps>;

/** The ports of the workflows. */
export function createComplianceActivities(parts: WorkerParts): ComplianceActivities {
  const now = parts.now ?? Date.now;
  const nasReadyMs = (): number => DEFAULT_NAS_READY_MS;
  const deps: ActivityDeps = { now, random: Math.random, tokens: createTokenCache(now), nasReadyMs, ...parts };
  return {
    lookUpCompliance: (input) => speaking(() => lookUpCompliance(deps, input, currentOccurrence())),
    enforce: (input) => speaking(() => enforce(deps, input)),
    sendCoa: (input) => speaking(() => sendCoa(deps, input, currentOccurrence())),
    findDueCrls: () => speaking(() => findDueCrls(deps)),
    refreshCrls: ({ organizationId }) => speaking(() => refreshCrls(deps, organizationId)),
  };
}

/** The Temporal UI shows a failure by its type: one that says what to look at, instead of "Error". */
async function speaking<T>(activity: () => Promise<T>): Promise<T> {
  try {
    return await activity();
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    const message = "Postgres does not answer";
    throw ApplicationFailure.create({
      type: "PostgresUnavailable",
      message,
      ...(error instanceof Error && { cause: error }),
    });
  }
}
