import { LRUCache } from "lru-cache";
import type { LinkedAccount } from "../domain/linked-account.ts";
import type { Secret } from "../domain/secret.ts";
import { FreshCache, type Perishable } from "./fresh-cache.ts";
import type { GroupFinding } from "./jamf/group-finding.ts";
import type { Unreachable } from "./unreachable.ts";

/** What a token service answered. */
export type Grant =
  | (Perishable & { readonly kind: "granted"; readonly accessToken: Secret; readonly tokenUrl: string })
  | (Perishable & { readonly kind: "failed"; readonly fault: Unreachable });

/** What look-ups share within a process: tokens, and what is known of each account's server. Nothing here must last. */
export interface TokenCache {
  readonly grants: FreshCache<Grant>;
  readonly groups: FreshCache<GroupFinding>;
  /** Which of a family's routes a server has: the index that answered last, by account and family. */
  readonly routes: LRUCache<string, number>;
}

/** More accounts than one installation links. */
const CAPACITY = 10_000;

export function createTokenCache(now: () => number): TokenCache {
  return {
    grants: new FreshCache(now, CAPACITY),
    groups: new FreshCache(now, CAPACITY),
    routes: new LRUCache({ max: CAPACITY }),
  };
}

/** Under this key an account's things are kept: a rotated secret or a moved instance starts afresh. */
export function accountKey({ accountId, secretVersion, instanceUrl, clientId }: LinkedAccount): string {
  return [accountId, secretVersion, instanceUrl, clientId].join(" ");
}
