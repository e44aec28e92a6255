import type { WorkspaceOneAccount } from "../../domain/linked-account.ts";
import { countAt, listAt } from "../json.ts";
import { connectStep, failed, passed, runLinkTest, type Step, type StepOutcome, tokenStep } from "../link-test.ts";
import type { LinkTest, ProviderDeps } from "../provider.ts";
import { createTokenCache } from "../tokens.ts";
import type { VendorAnswer, VendorApi } from "../vendor-api.ts";
import { unexpected } from "../vendor-api.ts";
import { createApi } from "./api.ts";
import { readRecords } from "./record.ts";

const PRIVILEGES = "Check the privileges";
const SAMPLE = "Read a device";

export function testWorkspaceOne(account: WorkspaceOneAccount, deps: ProviderDeps): Promise<LinkTest> {
  const api = createApi(account, { ...deps, tokens: createTokenCache(deps.now) });
  return runLinkTest([connectStep(deps.http, account), tokenStep(account, api), sampleStep(account, api)]);
}

/** One page of one device: whether the role may read devices, whether records can be read, and how many there are. */
function sampleStep(account: WorkspaceOneAccount, api: VendorApi): Step {
  return async () => {
    const answer = await api.call("/API/mdm/devices/search?pagesize=1&page=0");
    if (answer.kind === "unreachable") {
      const isPrivilege = answer.cause === "forbidden" || answer.cause === "credentials";
      return { steps: [failed(isPrivilege ? PRIVILEGES : SAMPLE, answer.detail + consoleHint(account))] };
    }
    return judgeSample(account, answer);
  };
}

function judgeSample(account: WorkspaceOneAccount, answer: VendorAnswer): StepOutcome {
  const { status, body } = answer;
  const allowed = passed(PRIVILEGES, "the role of the API client may read devices");
  // An empty tenant answers 204 without a body.
  if (status === 204) return { steps: [allowed, passed(SAMPLE, "the tenant has no devices yet")], deviceCount: 0 };
  const detail = unexpected(account, answer, "a search of its devices").detail + consoleHint(account);
  if (status !== 200) return { steps: [failed(SAMPLE, detail)] };
  const total = countAt(body, "Total");
  const readable = listAt(body, "Devices") !== undefined && readRecords(body) !== undefined;
  if (!readable || total === undefined) {
    return { steps: [allowed, failed(SAMPLE, "the tenant answered with something that is no list of devices")] };
  }
  return { steps: [allowed, passed(SAMPLE, `${total} devices in the tenant`)], deviceCount: total };
}

/** The console and the API of a SaaS tenant differ by two letters, and people paste the one they know. */
function consoleHint({ instanceUrl }: WorkspaceOneAccount): string {
  const match = /^https:\/\/cn(\d+\.awmdm\..*)$/.exec(instanceUrl);
  return match === null ? "" : `; this is the console, the API is usually at https://as${match[1]}`;
}
