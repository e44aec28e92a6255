import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { MINUTE_MS } from "../domain/time.ts";
import { CHECK_NOW_UPDATE, SEEN_SIGNAL, SESSION_CHANGED_SIGNAL, STATE_QUERY } from "./contract.ts";
import type { DeviceInput, DeviceState, Enforcement, LookUpCause, LookUpResult, Seen } from "./contract.ts";
import { carry, createDevice, enforcementDue, isAnswered, lookUpCause, restMs, untilNextStepMs } from "./device.ts";
import type { Device } from "./device.ts";
import { describeIdentity, publish } from "./operator-view.ts";
import { enforce, lookUpCompliance } from "./ports.ts";
import { reasonOf } from "./reason.ts";

const seen = defineSignal<[Seen]>(SEEN_SIGNAL);
const sessionChanged = defineSignal(SESSION_CHANGED_SIGNAL);
const checkNow = defineUpdate<LookUpResult>(CHECK_NOW_UPDATE);
const state = defineQuery<DeviceState>(STATE_QUERY);

/** A day of two-hour cycles: replay cost grows with history, and new code reaches every device within a day. */
const LOOK_UPS_PER_RUN = 12;
/** After an activity gave up: Postgres was away for minutes, or the workers are broken. */
const AFTER_FAILURE_MS = MINUTE_MS;

/**
 * The compliance of one device, for as long as it is in use: look it up when due, when an authentication wishes or when
 * a person asks; enforce what changed; sleep. Nothing that an MDM, a NAS or Postgres does makes it fail.
 */
export async function DeviceComplianceWorkflow(input: DeviceInput): Promise<void> {
  const device = createDevice(input);
  listen(device);
  for (;;) {
    device.mail = false;
    const asked = device.asked;
    const cause = lookUpCause(device, Date.now());
    if (cause !== undefined) await lookUp(input, device, cause);
    if (enforcementDue(device, Date.now())) await takeStep(input, device);
    device.answered = asked;
    publish(input, device);
    if (mayEnd(device) && (await handlersDone(device))) return;
    if (mayRenew(device) && (await handlersDone(device))) {
      await continueAsNew<typeof DeviceComplianceWorkflow>({ ...input, carried: carry(device, device.last!) });
    }
    await condition(() => device.mail, restMs(device, Date.now()), { summary: restSummary(device) });
    if (device.wishes.length > 0) dropAnswered(device);
  }
}

function listen(device: Device): void {
  setHandler(seen, (wish) => {
    device.wishes = [...device.wishes, wish];
    device.mail = true;
  });
  setHandler(sessionChanged, () => {
    // All steps were tried, and none helps: what the client does since is no reason to begin again, only another verdict is.
    if (device.enforcement?.kind === "failed" && device.enforcing === undefined) return;
    // Without an enforcement of ours in memory there may be one in Postgres: state that was rebuilt.
    device.enforcing = { revision: device.enforcing?.revision ?? device.last?.revision ?? 0, nextStepAt: 0 };
    device.mail = true;
  });
  setHandler(checkNow, () => answerNow(device), { description: "Asks the MDM now and enforces what it says." });
  setHandler(state, () => stateOf(device));
}

async function answerNow(device: Device): Promise<LookUpResult> {
  const ticket = ++device.asked;
  device.mail = true;
  await condition(() => device.answered >= ticket);
  if (device.last !== undefined && device.lastFailure === undefined) return device.last;
  throw ApplicationFailure.nonRetryable(`The look-up failed: ${device.lastFailure ?? "no answer"}`, "LookUpFailed");
}

async function lookUp(input: DeviceInput, device: Device, cause: LookUpCause): Promise<void> {
  const { organizationId, identity } = input;
  const knownChangedAt = device.last?.changedAt;
  try {
    const result = await lookUpCompliance.executeWithOptions(
      { summary: `ask the MDM about ${describeIdentity(identity)}${cause.kind === "asked" ? " (asked for)" : ""}` },
      [{ organizationId, identity, cause, ...(knownChangedAt === undefined ? {} : { knownChangedAt }) }],
    );
    const first = device.last === undefined;
    device.last = result;
    device.lastFailure = undefined;
    device.nextLookUpAt = Date.now() + result.nextCheckMs;
    if (cause.kind === "wished") device.wishes = device.wishes.slice(1);
    dropAnswered(device);
    // `first`: a workflow that was rebuilt cannot know whether its predecessor got as far as enforcing.
    if (result.changed || first) device.enforcing = { revision: result.revision, nextStepAt: 0 };
  } catch (error) {
    if (isCancellation(error)) throw error;
    device.lastFailure = reasonOf(error);
    device.nextLookUpAt = Date.now() + AFTER_FAILURE_MS;
  }
  device.lookUps += 1;
}

/** One comparison of desired with applied, and with it at most one CoA step for each session. */
async function takeStep(input: DeviceInput, device: Device): Promise<void> {
  const { organizationId, identity } = input;
  const revision = device.enforcing?.revision ?? 0;
  device.enforcing = undefined; // a signal that arrives while the activity runs sets it again
  try {
    device.enforcement = await enforce.executeWithOptions(
      { summary: `move ${describeIdentity(identity)} to where it belongs (${device.last?.status ?? "unknown"})` },
      [{ organizationId, identity, revision }],
    );
    const waitMs = untilNextStepMs(device.enforcement);
    if (waitMs !== undefined && heedsPause(device.enforcement))
      device.enforcing ??= { revision, nextStepAt: Date.now() + waitMs };
  } catch (error) {
    if (isCancellation(error)) throw error;
    device.enforcement = { kind: "failed", text: reasonOf(error) };
    device.enforcing ??= { revision, nextStepAt: Date.now() + AFTER_FAILURE_MS };
  }
}

/** Workflows that ran on a worker from before had a pause from a newer activity, and did not know of it: replay must not. */
function heedsPause(enforcement: Enforcement): boolean {
  return enforcement.kind !== "failed" || enforcement.pauseMs === undefined || patched("failed-begins-again");
}

function dropAnswered(device: Device): void {
  const now = Date.now();
  device.wishes = device.wishes.filter((wish) => !isAnswered(wish, device.last, device.nextLookUpAt, now));
}

/** Not in use, and nothing in hand. */
function mayEnd(device: Device): boolean {
  return device.last?.inUse === false && device.lastFailure === undefined && isIdle(device);
}

function mayRenew(device: Device): boolean {
  const long = device.lookUps - device.lookUpsBefore >= LOOK_UPS_PER_RUN || workflowInfo().continueAsNewSuggested;
  return long && device.last !== undefined && device.asked === device.answered;
}

function isIdle(device: Device): boolean {
  return device.wishes.length === 0 && device.enforcing === undefined && device.asked === device.answered;
}

/** Lets answered updates leave. False when another one came in meanwhile: the loop has to answer it first. */
async function handlersDone(device: Device): Promise<boolean> {
  await condition(() => allHandlersFinished() || device.mail);
  return !device.mail;
}

function restSummary(device: Device): string {
  if (device.enforcement?.kind === "awaitingReturn") return "the client's return";
  if (device.enforcement?.kind === "failed" && device.enforcing !== undefined) return "another try to move the client";
  return `next check (${device.last?.status ?? "unknown"})`;
}

function stateOf(device: Device): DeviceState {
  const { lookUps, last, nextLookUpAt, enforcement } = device;
  return {
    lookUps,
    ...(last === undefined ? {} : { last, nextLookUpAt }),
    ...(enforcement === undefined ? {} : { enforcement }),
  };
}
