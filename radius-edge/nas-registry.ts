import type { Nas } from "../domain/nas.ts";
import { ipv4Octets, ipv6Octets } from "./wire/ip-address.ts";

/** Finds the NAS that sent a packet: the longest prefix first, then the one that its NAS-Identifier names. */
export interface NasRegistry {
  find(sourceAddress: string, nasIdentifier: () => string | undefined): Nas | undefined;
}

/** By prefix length, then by network: one look-up for each length in use, however many NASes there are. */
export function createNasRegistry(nases: readonly Nas[]): NasRegistry {
  const byLength = new Map<string, { readonly bits: number; readonly networks: Map<string, Nas[]> }>();
  for (const nas of nases) {
    const prefix = parsePrefix(nas.address ?? "");
    if (prefix === undefined) continue;
    const family = `${prefix.octets.length}/${prefix.bits}`;
    const entry = byLength.get(family) ?? { bits: prefix.bits, networks: new Map<string, Nas[]>() };
    byLength.set(family, entry);
    const network = masked(prefix.octets, prefix.bits);
    entry.networks.set(network, [...(entry.networks.get(network) ?? []), nas]);
  }
  const longestFirst = [...byLength].toSorted(([, a], [, b]) => b.bits - a.bits);
  return {
    find(sourceAddress, nasIdentifier) {
      const octets = addressOctets(sourceAddress);
      if (octets === undefined) return undefined;
      for (const [family, { bits, networks }] of longestFirst) {
        if (!family.startsWith(`${octets.length}/`)) continue;
        const found = choose(networks.get(masked(octets, bits)), nasIdentifier);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** The NAS registered under this very NAS-Identifier, else the one that takes any. */
function choose(nases: readonly Nas[] | undefined, nasIdentifier: () => string | undefined): Nas | undefined {
  if (nases === undefined) return undefined;
  const named = nases.some((nas) => nas.nasIdentifier !== undefined) ? nasIdentifier() : undefined;
  return (
    nases.find((nas) => nas.nasIdentifier !== undefined && nas.nasIdentifier === named) ??
    nases.find((nas) => nas.nasIdentifier === undefined)
  );
}

/** An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is the IPv4 address that it stands for. */
function addressOctets(address: string): Buffer | undefined {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  return ipv4Octets(plain) ?? ipv6Octets(plain);
}

function parsePrefix(text: string): { readonly octets: Buffer; readonly bits: number } | undefined {
  const [address = "", length] = text.split("/");
  const octets = addressOctets(address);
  if (octets === undefined) return undefined;
  return { octets, bits: length === undefined ? octets.length * 8 : Number(length) };
}

function masked(octets: Buffer, bits: number): string {
  const network = Buffer.from(octets);
  for (let i = 0; i < network.length; i++) {
    const keep = Math.min(8, Math.max(0, bits - 8 * i));
    network[i] = network[i]! & (0xff << (8 - keep));
  }
  return network.toString("hex");
}
