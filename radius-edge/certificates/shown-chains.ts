import { createHash } from "node:crypto";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { readCertificateParts } from "../../domain/x509.ts";
import type { Log } from "../../runtime/log.ts";
import { noteShown } from "../../store/intermediates.ts";
import type { Store } from "../../store/pool.ts";
import type { ShownChain } from "../eap/method.ts";
import { isFetchable } from "./revocation.ts";

/** Tells Postgres what trusted clients show of their authorities: whence lists can be fetched, and who may sign them. */
export interface ShownChains {
  /** In the background: no answer waits for it. */
  note(organizationId: OrganizationId, shown: ShownChain): void;
  /** Lets what is under way come to its end. */
  close(): Promise<void>;
}

/** What was told already, in this process: far above what organizations have, and then told once more. */
const MOST_REMEMBERED = 10_000;

export function noteShownChains(store: Store, log: Log): ShownChains {
  const told = new Set<string>();
  const underWay = new Set<Promise<void>>();
  return {
    note(organizationId, { certificate, intermediates }) {
      const known = new Map(intermediates.map((der) => [createHash("sha256").update(der).digest("hex"), der]));
      const crlUrls = [certificate, ...intermediates].flatMap((der) => readCertificateParts(der)?.crlUrls ?? []);
      const isNew = (what: string): boolean => !told.has(`${organizationId} ${what}`);
      const news = {
        crlUrls: [...new Set(crlUrls)].filter((url) => isFetchable(url) && isNew(url)),
        intermediates: new Map([...known].filter(([fingerprint]) => isNew(fingerprint))),
      };
      const keys = [...news.crlUrls, ...news.intermediates.keys()].map((what) => `${organizationId} ${what}`);
      if (keys.length === 0) return;
      if (told.size > MOST_REMEMBERED) told.clear();
      for (const key of keys) told.add(key);
      const telling = noteShown(store, organizationId, news)
        .catch((error: unknown) => {
          // The next client that shows the same tells it.
          for (const key of keys) told.delete(key);
          log.warn(
            { err: error, organization: organizationId },
            "what clients show of their authorities was not noted",
          );
        })
        .finally(() => underWay.delete(telling));
      underWay.add(telling);
    },
    async close() {
      await Promise.all(underWay);
    },
  };
}
