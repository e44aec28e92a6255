import type { Secret } from "../domain/secret.ts";
import type { TokenCache } from "../mdm/tokens.ts";
import type { Http } from "../outbound/http.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/pool.ts";

/** What the activities stand on; one for the life of a worker. */
export interface ActivityDeps {
  readonly store: Store;
  /** The way to MDMs and to servers of CRLs, guarded. */
  readonly http: Http;
  /** The way to our own edges, which may live on any address. */
  readonly edgeHttp: Http;
  readonly tokens: TokenCache;
  /** Bearer token of the edges' internal ports. */
  readonly internalToken: Secret;
  /** Sleep between look-ups of a device in use. */
  readonly intervalMs: number;
  /** How long a NAS of a profile may not know a session that it has not begun to account (behaviour 5.1). */
  readonly nasReadyMs: (profile: string | undefined) => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Spreads look-ups in time, from 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
}
