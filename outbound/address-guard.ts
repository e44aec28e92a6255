import { BlockList, isIP } from "node:net";

/** Which addresses a request may go to. */
export interface AddressGuard {
  /** True for an address of one of the allowed networks. */
  readonly isExempt: (address: string) => boolean;
  /** True for an exempt address and for a public one. */
  readonly isPermitted: (address: string) => boolean;
}

/**
 * IPv4 that is not globally reachable or not unicast: the IANA special-purpose registry (RFC 6890), and multicast and
 * the reserved block above it (RFC 5771, RFC 1112 §4). An instance URL there would have us call our own network.
 */
const PRIVATE_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, and with it the metadata service of every cloud
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];

/**
 * Global unicast IPv6 is 2000::/3 (RFC 4291 §2.4); within it, protocol assignments with Teredo (RFC 2928), 6to4, which
 * carries any IPv4 address (RFC 3056), and documentation (RFC 3849, RFC 9637). NAT64's 64:ff9b::/96 lies outside: where
 * an MDM is reached through it, the prefix is an allowed network.
 */
const GLOBAL_IPV6 = "2000::/3";
const PRIVATE_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** Throws a RangeError that names the first of `allowedNetworks` that is no prefix. */
export function createAddressGuard(allowedNetworks: readonly string[]): AddressGuard {
  const exempt = blockList(allowedNetworks);
  const notPublic = blockList([...PRIVATE_IPV4, ...PRIVATE_IPV6]);
  const global = blockList([GLOBAL_IPV6]);
  const isPublic = (address: string): boolean => {
    if (within(notPublic, address)) return false;
    const mapped = /^::ffff:/i.test(address); // RFC 4291 §2.5.5.2; BlockList has judged it as the IPv4 address it is
    return isIP(address) === 4 || mapped || within(global, address);
  };
  return {
    isExempt: (address) => within(exempt, address),
    isPermitted: (address) => within(exempt, address) || isPublic(address),
  };
}

function within(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", length, ...rest] = network.trim().split("/");
    const version = isIP(address);
    const longest = version === 4 ? 32 : 128;
    const bits = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
    if (version === 0 || rest.length > 0 || !(bits <= longest)) {
      throw new RangeError(`"${network}" is no network: write an address or a prefix, such as 10.1.0.0/16`);
    }
    list.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
