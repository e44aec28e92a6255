import type { DeviceId } from "../domain/device-id.ts";
import type { MacAddress } from "../domain/mac-address.ts";
import type { ComplianceReport } from "../domain/report.ts";
import type { Http } from "../outbound/http.ts";
import type { TokenCache } from "./tokens.ts";

/** One MDM tenant. Neither verb throws for what an MDM does: faults are reports and failed steps. */
export interface MdmProvider {
  /** Tries the credentials step by step, with tokens of its own: nothing remembered can hide a wrong secret. */
  test(): Promise<LinkTest>;
  lookUp(query: DeviceQuery): Promise<LookUpAnswer>;
}

/** What names the device that is asked about. */
export interface DeviceQuery {
  /** From the certificate; a record found otherwise that names another id is refused (behaviour 1.3). */
  readonly deviceId?: DeviceId | undefined;
  /** Identifying addresses only, most recent first. They are asked about when no record has the device id. */
  readonly macs: readonly MacAddress[];
}

export interface LookUpAnswer {
  readonly report: ComplianceReport;
  /** Which of the query's addresses found the record, where it was found by address. */
  readonly matchedMac?: MacAddress;
  /** Milliseconds from question to report, all calls together. */
  readonly tookMs: number;
}

/** One step of a test; `detail` says what stands or exactly what failed, and which of the vendor's screens mends it. */
export interface LinkStep {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface LinkTest {
  readonly ok: boolean;
  /** As far as the test went: it ends at the first step that failed. */
  readonly steps: readonly LinkStep[];
  /** Where a token was granted: to be kept with the account. */
  readonly tokenUrl?: string;
  /** The step that failed, as one sentence. */
  readonly error?: string;
  /** Records in the tenant, all kinds together. */
  readonly deviceCount?: number;
}

export interface ProviderDeps {
  readonly http: Http;
  readonly tokens: TokenCache;
  /** Epoch milliseconds. */
  readonly now: () => number;
}
