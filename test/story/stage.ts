import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseMac } from "../../domain/mac-address.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import type { Authority, CertificateWish } from "../../simulators/certificates.ts";
import type { CertifiedClient } from "../../simulators/fleet/client.ts";
import { startEapolNas } from "../support/eapol-nas.ts";
import type { EapolNas } from "../support/eapol-nas.ts";
import type { TlsVersion } from "../support/eapol-test.ts";
import { startProduct } from "../support/product.ts";
import type { Product } from "../support/product.ts";

/** The product, and the NASes before it. */
export interface Stage extends Product {
  /** A new NAS of this profile. */
  nas(profile: string, tls: TlsVersion): Promise<EapolNas>;
  /** A compliant laptop with a certificate of the organization's. */
  laptop(mdm: "vmware" | "jamf", certificateNames: "device id" | "nothing"): Promise<Laptop>;
  /** What happened to a client by the API, oldest first, but for what its NASes account. */
  timelineOf(mac: MacAddress): Promise<readonly TimelineEvent[]>;
}

export interface Laptop {
  readonly udid: string;
  readonly client: CertifiedClient;
}

export interface TimelineEvent {
  readonly type: string;
  readonly text: string;
  readonly [field: string]: unknown;
}

export async function openStage(): Promise<Stage> {
  const product = await startProduct();
  const nases: EapolNas[] = [];
  return {
    ...product,
    nas: async (profile, tls) => {
      const nas = await startEapolNas(product, { name: `${profile}-${nases.length}`, profile, tls });
      nases.push(nas);
      return nas;
    },
    laptop: async (mdm, certificateNames) => {
      const [mac, udid] = [newMac(), randomUUID().toUpperCase()];
      const name = `MacBook ${mac.slice(-4)}`;
      product[mdm].tenant.devices.add({ kind: "mac", name, udid, macAddress: mac, compliance: "compliant" });
      const names = certificateNames === "device id" ? { sanDns: [udid] } : {};
      return { udid, client: await certifiedClient(product.authority, mac, { commonName: name, ...names }) };
    },
    timelineOf: async (mac) => {
      const path = `/nac_clients/events/search?mac=${mac}&limit=1000`;
      const { results } = await product.api.get<{ readonly results: readonly TimelineEvent[] }>(path);
      return results.filter(({ type }) => !type.startsWith("NAC_ACCOUNTING_")).toReversed();
    },
    close: async () => {
      await Promise.all(nases.map((nas) => nas.close()));
      await product.close();
    },
  };
}

/** A client of an organization whose authority is `trusted`; the certificate may be another authority's. */
export async function certifiedClient(
  trusted: Authority,
  mac: MacAddress,
  wish: CertificateWish,
  issuer: Authority = trusted,
): Promise<CertifiedClient> {
  const { commonName: name } = wish;
  const trustedCas = [trusted.certificatePem];
  return { kind: "eap-tls", name, mac, port: "wireless", identity: name, trustedCas, ...(await issuer.issue(wish)) };
}

/** Of Apple's. */
export function newMac(): MacAddress {
  return parseMac(`a483e7${randomBytes(3).toString("hex")}`)!;
}

const PATIENCE_MS = 45_000;

/** Waits for a fact. Rejects when it does not come true. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`still not so: ${String(isSo)}`);
    await sleep(20);
  }
}
