/** What the compliance worker bundles: workflows, and nothing else. */
export { ClientCoaWorkflow } from "./client-coa.ts";
export { CrlRefreshWorkflow } from "./crl-refresh.ts";
export { DeviceComplianceWorkflow } from "./device-compliance.ts";
