import { isIP } from "node:net";

/**
 * Omnissa's token service for SaaS tenants, by region ("Using UEM Functionality with a REST API", token URL table): United
 * States and Canada; United Kingdom and Germany; India, Japan and Singapore; the UAT environment in Ohio.
 */
const REGIONS = ["na", "emea", "apac", "uat"] as const;
type Region = (typeof REGIONS)[number];

const regional = (region: Region): string => `https://${region}.uemauth.workspaceone.com/connect/token`;

/** Where the name of an instance tells its region; the usual `asNNN.awmdm.com` does not. */
const HINTS: readonly (readonly [RegExp, Region])[] = [
  [/(^|[.-])(uat|preview)/, "uat"],
  [/\.(uk|de|eu|fr|nl)$/, "emea"],
  [/\.(jp|in|sg|au|hk)$/, "apac"],
];
const SAAS = /(^|\.)(awmdm|airwatchportals|workspaceone|omnissa)\.[a-z.]+$/;

/**
 * The URLs that may grant tokens for an instance, most likely first. A server of one's own issues them itself, and a
 * dedicated tenant may have a name of its own, so that both kinds are tried for those. An address, or a name without
 * a public suffix, is no tenant of Omnissa's: its secret goes nowhere but to the instance.
 */
export function tokenUrls(instanceUrl: string): readonly string[] {
  const onPremises = `${instanceUrl}/oauth/token`;
  const host = new URL(instanceUrl).hostname;
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0 || !host.includes(".")) return [onPremises];
  const likely = HINTS.find(([pattern]) => pattern.test(host))?.[1] ?? "na";
  const regions = [likely, ...REGIONS.filter((region) => region !== likely)].map(regional);
  return SAAS.test(host) ? [...regions, onPremises] : [onPremises, ...regions];
}
