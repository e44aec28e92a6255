import { lookup as resolve, type LookupAddress, type LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";

/** Why no connection was opened: where the request would have gone is not for us to call. */
export class BlockedAddressError extends Error {
  readonly code = "PORTCULLIS_BLOCKED_ADDRESS";
}

/**
 * Name resolution that hands a socket permitted addresses only, at the moment of connecting: an answer that changes
 * between a check and the connection (DNS rebinding) has no gap to slip through.
 */
export function guardedLookup(isPermitted: (address: string) => boolean): LookupFunction {
  return (host, options: LookupOptions, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, "");
      const permitted = addresses.filter(({ address }) => isPermitted(address));
      const [first] = permitted;
      if (first === undefined) return callback(blocked(host, addresses), "");
      if (options.all === true) return callback(null, permitted);
      return callback(null, first.address, first.family);
    });
  };
}

function blocked(host: string, addresses: readonly LookupAddress[]): BlockedAddressError {
  const list = addresses.map(({ address }) => address).join(", ");
  return new BlockedAddressError(`${host} resolves to ${list}, which may not be called`);
}
