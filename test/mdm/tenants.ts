import { parseDeviceId } from "../../domain/device-id.ts";
import type { JamfAccount, WorkspaceOneAccount } from "../../domain/linked-account.ts";
import { type MacAddress, parseMac } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import type { DeviceQuery, MdmProvider, ProviderDeps } from "../../mdm/provider.ts";
import { createProvider } from "../../mdm/providers.ts";
import { createTokenCache } from "../../mdm/tokens.ts";
import { createHttp, type Http } from "../../outbound/http.ts";
import { accountId, organizationId } from "../support/domain-values.ts";

/** The secret of every simulated tenant: no report and no test result may contain it. */
export const SECRET = "s3cret-of-the-api-client";
export const GROUP = "Compliant (corp)";

export const UDID = "D20E0F3D66AF4B92B31E1DA394DF1E88";
export const OTHER_UDID = "0DAD565FB40B010A9E490440188063A378721069";
export const DEVICE_ID = parseDeviceId(UDID)!;
export const MAC = parseMac("a4:83:e7:11:22:33")!;
export const OTHER_MAC = parseMac("a4:83:e7:99:88:77")!;

/** A text that contains `part`, for comparisons. */
export const saying = (part: string): unknown => expect.stringContaining(part);

export const byId = (...macs: MacAddress[]): DeviceQuery => ({ deviceId: DEVICE_ID, macs });
export const byMac = (...macs: MacAddress[]): DeviceQuery => ({ macs });

/** A clock that tests move, and a way out that may call loopback. */
export interface Bench {
  readonly deps: ProviderDeps;
  readonly http: Http;
  readonly clock: { ms: number };
}

export function createBench(): Bench {
  const clock = { ms: Date.parse("2026-11-25T12:00:00Z") };
  const now = (): number => clock.ms;
  const http = createHttp({ allowedNetworks: ["127.0.0.0/8"], guard: true });
  return { clock, http, deps: { http, now, tokens: createTokenCache(now) } };
}

const common = {
  accountId,
  organizationId,
  clientId: "portcullis",
  clientSecret: secret(SECRET),
  secretVersion: 1,
  tokenUrl: undefined,
};

export function account(instanceUrl: string, change: Partial<WorkspaceOneAccount> = {}): WorkspaceOneAccount {
  return { ...common, kind: "vmware", tenantCode: undefined, instanceUrl, ...change };
}

export function workspaceOne(
  deps: ProviderDeps,
  instanceUrl: string,
  change: Partial<WorkspaceOneAccount> = {},
): MdmProvider {
  return createProvider(account(instanceUrl, change), deps);
}

export function jamf(deps: ProviderDeps, instanceUrl: string, change: Partial<JamfAccount> = {}): MdmProvider {
  return createProvider({ ...common, kind: "jamf", smartGroupName: GROUP, instanceUrl, ...change }, deps);
}
