import { VENDOR_NAMES, type LinkedAccount } from "../domain/linked-account.ts";
import { SECOND_MS } from "../domain/time.ts";
import type { Http } from "../outbound/http.ts";
import type { LinkStep, LinkTest } from "./provider.ts";
import { unreachableBy } from "./unreachable.ts";
import type { VendorApi } from "./vendor-api.ts";

/** What a step adds to the test's result. */
export interface StepOutcome {
  readonly steps: readonly LinkStep[];
  readonly tokenUrl?: string;
  readonly deviceCount?: number;
}

export type Step = () => Promise<StepOutcome>;

export function passed(name: string, detail: string): LinkStep {
  return { name, ok: true, detail };
}

export function failed(name: string, detail: string): LinkStep {
  return { name, ok: false, detail };
}

/** Runs the steps in order, up to the first that fails. */
export async function runLinkTest(steps: readonly Step[]): Promise<LinkTest> {
  let result: StepOutcome = { steps: [] };
  for (const step of steps) {
    const outcome = await step();
    result = { ...result, ...outcome, steps: [...result.steps, ...outcome.steps] };
    const failure = outcome.steps.find(({ ok }) => !ok);
    if (failure !== undefined) return { ...result, ok: false, error: `${failure.name}: ${failure.detail}` };
  }
  return { ...result, ok: true };
}

const RESOLVE = "Resolve the host name";
const CONNECT = "Connect";
const TOKEN = "Get a token";
const RESOLUTION_CODES: ReadonlySet<string | undefined> = new Set(["ENOTFOUND", "EAI_AGAIN"]);

/** Any answer at all shows that the name resolves to an address we may call, and that TLS stands. */
export function connectStep(http: Http, { instanceUrl }: LinkedAccount): Step {
  return async () => {
    const answer = await http.request({ method: "GET", url: `${instanceUrl}/`, deadlineMs: 10 * SECOND_MS });
    const { host, protocol } = new URL(instanceUrl);
    const reached =
      protocol === "https:" ? `${host} answers, its certificate is trusted` : `${host} answers, over plain http`;
    const resolves = passed(RESOLVE, `${host} may be called`);
    if (answer.kind === "answer" || answer.cause === "tooLarge") return { steps: [resolves, passed(CONNECT, reached)] };
    const { detail } = unreachableBy(answer);
    const unresolved = answer.cause === "blockedAddress" || RESOLUTION_CODES.has(answer.code);
    return { steps: unresolved ? [failed(RESOLVE, detail)] : [resolves, failed(CONNECT, detail)] };
  };
}

export function tokenStep(account: LinkedAccount, api: VendorApi): Step {
  return async () => {
    const grant = await api.token();
    if (grant.kind === "failed") return { steps: [failed(TOKEN, grant.fault.detail)] };
    const detail = `${VENDOR_NAMES[account.kind]} granted a token at ${grant.tokenUrl}`;
    return { steps: [passed(TOKEN, detail)], tokenUrl: grant.tokenUrl };
  };
}
