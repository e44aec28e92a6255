import { lookup as resolve } from "node:dns";
import type { LookupAddress, LookupOptions } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";

/** Which addresses a directory may be asked at. */
export interface DirectoryGuard {
  /** Why the host is not asked, where it is itself an address that may not be: `lookup` never hears of those. */
  refusalOf(host: string): string | undefined;
  /** Hands out what may be asked only, at the moment of connecting: an answer of DNS that changes finds no gap. */
  readonly lookup: LookupFunction;
}

/**
 * Directories live on private addresses, so those are open to them. What is not: this host itself, and with it every service
 * that trusts whoever speaks from here; what is reached on the link alone, and with it the metadata service of every cloud;
 * and what is nobody's (RFC 6890, RFC 4291 §2.4).
 */
const CLOSED = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/3",
  "::/127",
  "fe80::/10",
  "ff00::/8",
  "fd00:ec2::254/128", // the metadata service of AWS, of which the rest of fd00::/8 is no part
];

/** `allowedNetworks`: prefixes and addresses, as the configuration has checked them, that are open all the same. */
export function guardDirectories(allowedNetworks: readonly string[]): DirectoryGuard {
  const [closed, exempt] = [blockList(CLOSED), blockList(allowedNetworks)];
  const isOpen = (address: string): boolean => within(exempt, address) || !within(closed, address);
  return {
    refusalOf: (host) => (isIP(host) === 0 || isOpen(host) ? undefined : sentence(host)),
    lookup: (host, options: LookupOptions, callback) => {
      resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        if (error !== null) return callback(error, "");
        const open = addresses.filter(({ address }) => isOpen(address));
        const [first] = open;
        if (first === undefined) return callback(new Error(sentence(host, addresses)), "");
        if (options.all === true) return callback(null, open);
        return callback(null, first.address, first.family);
      });
    },
  };
}

function sentence(host: string, addresses: readonly LookupAddress[] = []): string {
  const found = addresses.map(({ address }) => address).join(", ");
  return (
    `${host}${found === "" ? "" : `, which is ${found},`} is loopback, link-local or no host's: ` +
    "no directory is asked there unless PORTCULLIS_MDM_ALLOWED_NETWORKS has it"
  );
}

/** The zone of a link-local address (RFC 4007 §11) is ours, and no part of it. */
function within(list: BlockList, address: string): boolean {
  return list.check(address.replace(/%.*$/, ""), isIP(address) === 4 ? "ipv4" : "ipv6");
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.trim().split("/");
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(address, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  }
  return list;
}
