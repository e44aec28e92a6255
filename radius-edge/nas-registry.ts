import type { Nas, RadsecIdentity } from "../domain/nas.ts";
import { ipv4Octets, ipv6Octets, ipv6Text, unmappedAddress } from "./wire/ip-address.ts";

/** Finds the NAS that sent a packet. */
export interface NasRegistry {
  /** By where it came from: the longest prefix first, then the NAS that its NAS-Identifier names. */
  find(sourceAddress: string, nasIdentifier: () => string | undefined): Nas | undefined;
  /** By what its certificate says. */
  findByCertificate(identity: RadsecIdentity): Nas | undefined;
}

/** The NASes of one address or prefix. */
interface Group {
  readonly named: Map<string, Nas>;
  any: Nas | undefined;
}

/** By network, as `masked` writes it: one look-up for each length in use, however many NASes there are. */
interface Length {
  readonly octets: number;
  readonly bits: number;
  readonly networks: Map<string, Group>;
}

/** Source addresses whose groups are remembered; a flood of forged ones must not fill the memory. */
const MOST_REMEMBERED = 65_536;

export function createNasRegistry(nases: readonly Nas[]): NasRegistry {
  const lengths = lengthsOf(nases);
  const byIdentity = new Map(nases.flatMap((nas) => (nas.radsec === undefined ? [] : [[keyOf(nas.radsec), nas]])));
  const remembered = new Map<string, readonly Group[]>();
  const groupsOf = (sourceAddress: string): readonly Group[] => {
    let groups = remembered.get(sourceAddress);
    if (groups !== undefined) return groups;
    groups = matching(lengths, sourceAddress);
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(sourceAddress, groups);
    return groups;
  };
  return {
    find(sourceAddress, nasIdentifier) {
      for (const { named, any } of groupsOf(sourceAddress)) {
        const name = named.size === 0 ? undefined : nasIdentifier();
        const found = (name === undefined ? undefined : named.get(name)) ?? any;
        if (found !== undefined) return found;
      }
      return undefined;
    },
    findByCertificate: (identity) => byIdentity.get(keyOf(identity)),
  };
}

function lengthsOf(nases: readonly Nas[]): readonly Length[] {
  const lengths = new Map<string, Length>();
  for (const nas of nases) {
    const prefix = parsePrefix(nas.address ?? "");
    if (prefix === undefined) continue;
    const family = `${prefix.octets.length}/${prefix.bits}`;
    const length = lengths.get(family) ?? {
      octets: prefix.octets.length,
      bits: prefix.bits,
      networks: new Map<string, Group>(),
    };
    lengths.set(family, length);
    const network = masked(prefix.octets, prefix.bits);
    const group = length.networks.get(network) ?? { named: new Map<string, Nas>(), any: undefined };
    length.networks.set(network, group);
    if (nas.nasIdentifier === undefined) group.any = nas;
    else group.named.set(nas.nasIdentifier, nas);
  }
  return [...lengths.values()].toSorted((a, b) => b.bits - a.bits);
}

function matching(lengths: readonly Length[], sourceAddress: string): readonly Group[] {
  const octets = addressOctets(sourceAddress);
  if (octets === undefined) return [];
  return lengths
    .filter((length) => length.octets === octets.length)
    .map(({ bits, networks }) => networks.get(masked(octets, bits)))
    .filter((group) => group !== undefined);
}

/** Of a DNS name case says nothing (RFC 4343), and of an IPv6 address neither that nor how its zeros are written. */
function keyOf({ issuer, san }: RadsecIdentity): string {
  const octets = ipv6Octets(san);
  return `${issuer}\n${(octets && ipv6Text(octets)) ?? san.toLowerCase()}`;
}

/**
 * An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is the IPv4 address that it stands for; a link-local one goes without
 * its zone (RFC 4007 §11), which is ours and not the NAS's.
 */
function addressOctets(address: string): Buffer | undefined {
  const plain = unmappedAddress(address.toLowerCase()).replace(/%.*$/, "");
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
