import { setTimeout as sleep } from "node:timers/promises";
import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import { CHECK_NOW_UPDATE, SEEN_SIGNAL, SESSION_CHANGED_SIGNAL } from "../../workflows/contract.ts";
import { NOW, OTHER_MAC } from "../support/domain-values.ts";
import { result } from "./recording-ports.ts";
import type { RecordingPorts } from "./recording-ports.ts";
import { settled } from "./time-skipping.ts";

/** A run of the workflow that is recorded once and replayed for ever: its name is its file in histories/. */
export interface Story {
  readonly name: string;
  /** DeviceComplianceWorkflow unless told. */
  readonly workflow?: "crls";
  tell(device: WorkflowHandle, ports: RecordingPorts, env: TestWorkflowEnvironment): Promise<unknown>;
}

const lookedUp = (device: WorkflowHandle, times: number) => settled(device, ({ lookUps }) => lookUps >= times);

/** New stories are added at the end; a recorded one is never told differently. */
export const STORIES: readonly Story[] = [
  {
    name: "0001-a-day-of-two-hour-checks",
    tell: async (device, _ports, env) => {
      await lookedUp(device, 1);
      await env.sleep("23h");
      return lookedUp(device, 12);
    },
  },
  {
    name: "0002-out-of-compliance-and-moved",
    tell: async (device, ports, env) => {
      await lookedUp(device, 1);
      ports.answer = () => result({ status: "noncompliant", changed: true, changedAt: NOW + MINUTE_MS, revision: 8 });
      ports.outcome = () => ({ kind: "awaitingReturn", waitMs: 30_000, text: "CoA acknowledged" });
      await device.executeUpdate(CHECK_NOW_UPDATE);
      await env.sleep("31s");
      await settled(device, () => ports.enforcements.length >= 3);
      ports.outcome = () => ({ kind: "settled", text: "back on VLAN 666" });
      await device.signal(SESSION_CHANGED_SIGNAL);
      await settled(device, ({ enforcement }) => enforcement?.kind === "settled");
      await device.signal(SEEN_SIGNAL, { eventId: "roamed", text: "Ethernet", mac: OTHER_MAC, at: NOW });
      return lookedUp(device, 3);
    },
  },
  {
    name: "0003-postgres-away-for-a-while",
    tell: async (device, ports, env) => {
      await lookedUp(device, 1);
      ports.answer = () => {
        throw ApplicationFailure.nonRetryable("Postgres does not answer", "StoreUnavailable");
      };
      await env.sleep("121m");
      await settled(device, ({ lookUps }) => lookUps >= 2);
      ports.answer = () => result({ text: "back again" });
      await env.sleep("2m");
      return settled(device, ({ last }) => last?.text === "back again");
    },
  },
  {
    name: "0004-crls-of-six-organizations-and-one-in-trouble",
    workflow: "crls",
    tell: async (round, ports) => {
      ports.dueCrls = Array.from({ length: 6 }, (_, i) => `5cc7b7f8-0000-7000-8000-00000000000${i}` as OrganizationId);
      ports.refreshed = (id) => {
        if (id.endsWith("2")) throw ApplicationFailure.nonRetryable("Postgres does not answer", "PostgresUnavailable");
        return { fetched: 2, failed: 0, text: "2 CRLs are current." };
      };
      const result: unknown = await round.result();
      return result;
    },
  },
  {
    name: "0005-crls-of-six-organizations-and-one-that-takes-long",
    workflow: "crls",
    tell: async (round, ports) => {
      ports.dueCrls = Array.from({ length: 6 }, (_, i) => `5cc7b7f8-0000-7000-8000-00000000000${i}` as OrganizationId);
      ports.refreshed = async (id) => {
        while (id.endsWith("0") && ports.refreshes.length < 6) await sleep(20);
        return { fetched: 2, failed: 0, text: "2 CRLs are current." };
      };
      const result: unknown = await round.result();
      return result;
    },
  },
  {
    name: "0006-a-nas-that-was-away",
    tell: async (device, ports, env) => {
      await lookedUp(device, 1);
      ports.answer = () => result({ status: "noncompliant", changed: true, changedAt: NOW + MINUTE_MS, revision: 8 });
      ports.outcome = () => ({ kind: "failed", againMs: 300_000, text: "all steps were tried" });
      await device.executeUpdate(CHECK_NOW_UPDATE);
      await env.sleep("6m");
      await settled(device, () => ports.enforcements.length >= 3);
      ports.outcome = () => ({ kind: "failed", text: "back on the wrong network" });
      await device.signal(SESSION_CHANGED_SIGNAL);
      await settled(device, ({ enforcement }) => enforcement?.text === "back on the wrong network");
      return device.signal(SESSION_CHANGED_SIGNAL);
    },
  },
  {
    // Recorded with workflows from before "failed-begins-again", as a rolling upgrade leaves them: the pause is not heeded.
    name: "0007-a-pause-that-an-older-worker-did-not-know",
    tell: tellOfPause(2),
  },
  { name: "0008-a-pause-after-a-failure", tell: tellOfPause(3) },
];

/** A failure with a pause, and then six minutes: `enforcements` were there by then. */
function tellOfPause(enforcements: number): Story["tell"] {
  return async (device, ports, env) => {
    await lookedUp(device, 1);
    ports.answer = () => result({ status: "noncompliant", changed: true, changedAt: NOW + MINUTE_MS, revision: 8 });
    ports.outcome = () => ({ kind: "failed", pauseMs: 300_000, text: "all steps were tried" });
    await device.executeUpdate(CHECK_NOW_UPDATE);
    await env.sleep("6m");
    await settled(device, () => ports.enforcements.length >= enforcements);
    await device.signal(SESSION_CHANGED_SIGNAL);
    await env.sleep("1m");
    ports.outcome = () => ({ kind: "settled", text: "back on VLAN 666" });
    ports.answer = () => result({ status: "compliant", changed: true, changedAt: NOW + 2 * MINUTE_MS, revision: 9 });
    await device.executeUpdate(CHECK_NOW_UPDATE);
    await env.sleep("2h");
    return lookedUp(device, 4);
  };
}
