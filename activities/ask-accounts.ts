import { formatUuid } from "../domain/identifiers.ts";
import type { AccountId } from "../domain/identifiers.ts";
import { openedAccount } from "../domain/linked-account.ts";
import type { StoredAccount } from "../domain/linked-account.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import { combine } from "../domain/report.ts";
import type { AccountReport } from "../domain/report.ts";
import type { UnopenedSecret } from "../domain/secret.ts";
import { MINUTE_MS } from "../domain/time.ts";
import type { DeviceQuery, LookUpAnswer } from "../mdm/provider.ts";
import { createProvider } from "../mdm/providers.ts";
import { recordAccountHealth } from "../store/linked-accounts.ts";
import type { ActivityDeps } from "./deps.ts";

/** What all linked accounts together say of a device. */
export interface CombinedAnswer extends AccountReport {
  readonly matchedMac: MacAddress | undefined;
  readonly tookMs: number;
}

/** Asks every linked account at once, notes how each of them is, and combines their answers (behaviour 1.6). */
export async function askAccounts(
  deps: ActivityDeps,
  accounts: readonly StoredAccount[],
  query: DeviceQuery,
): Promise<CombinedAnswer> {
  const answers = await Promise.all(accounts.map((account) => askAccount(deps, account, query)));
  return (combine(answers) as CombinedAnswer | undefined) ?? NOBODY;
}

async function askAccount(deps: ActivityDeps, stored: StoredAccount, query: DeviceQuery): Promise<CombinedAnswer> {
  const { accountId, kind: accountKind } = stored;
  const account = openedAccount(stored);
  const { report, matchedMac, tookMs } =
    "unopened" in account ? locked(account) : await createProvider(account, deps).lookUp(query);
  const health =
    report.kind === "unreachable"
      ? ({ lastStatus: "failed", error: report.detail } as const)
      : ({ lastStatus: "success" } as const);
  await recordAccountHealth(deps.store, accountId, { ...health, at: deps.now() });
  return { accountId, accountKind, report, matchedMac, tookMs };
}

function locked({ unopened: detail }: UnopenedSecret): LookUpAnswer {
  const report = { kind: "unreachable", cause: "secretUnopened", detail, retryAfterMs: undefined } as const;
  return { report, tookMs: 0 };
}

/** Nothing is linked. The nil UUID (RFC 9562 §5.9) stands for no account; an unreachable report never names its source. */
const NOBODY: CombinedAnswer = {
  accountId: formatUuid<AccountId>(new Uint8Array(16)),
  accountKind: "vmware",
  report: {
    kind: "unreachable",
    cause: "noAccount",
    detail: "No MDM account is linked.",
    retryAfterMs: 15 * MINUTE_MS,
  },
  matchedMac: undefined,
  tookMs: 0,
};
