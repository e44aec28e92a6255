import type { ComplianceStatus, Verdict } from "../domain/verdict.ts";

/** The MDM fields of an event's body, by Mist's names (behaviour 11.1); `before` is what was held until then. */
export function mdmFields(verdict: Verdict | undefined, before: ComplianceStatus): Readonly<Record<string, unknown>> {
  const { source, device, checkedAt } = verdict ?? {};
  return {
    mdm_compliance: verdict?.status ?? "unknown",
    pre_mdm_compliance: before,
    ...(source && { mdm_provider: source.kind, mdm_account_id: source.accountId }),
    // Mist's times are epoch seconds.
    ...(checkedAt && { mdm_last_checked: Math.floor(checkedAt / 1000) }),
    ...(device && {
      mdm_client_id: device.recordId,
      ...(device.manufacturer && { mdm_manufacturer: device.manufacturer }),
      ...(device.model && { mdm_model: device.model }),
      ...(device.operatingSystem && { mdm_operating_system: device.operatingSystem }),
      ...(device.operatingSystemVersion && { mdm_os_version: device.operatingSystemVersion }),
    }),
  };
}
