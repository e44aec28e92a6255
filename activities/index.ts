import { ApplicationFailure, cancellationSignal } from "@temporalio/activity";
import { DEFAULT_NAS_READY_MS } from "../domain/nas-profile.ts";
import { createTokenCache } from "../mdm/tokens.ts";
import { isDatabaseAway } from "../store/availability.ts";
import type { ComplianceActivities } from "../workflows/contract.ts";
import { alive } from "./alive.ts";
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
    lookUpCompliance: (input) => run(() => lookUpCompliance(deps, input, currentOccurrence())),
    enforce: (input) => run(() => enforce(deps, input)),
    sendCoa: (input) => run(() => sendCoa(deps, input, currentOccurrence(), cancellationSignal())),
    findDueCrls: () => run(() => findDueCrls(deps)),
    refreshCrls: ({ organizationId }) => run(() => refreshCrls(deps, organizationId)),
  };
}

/** The Temporal UI shows a failure by its type: one that says what to look at, instead of "Error". */
async function run<T>(activity: () => Promise<T>): Promise<T> {
  try {
    return await alive(activity);
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
