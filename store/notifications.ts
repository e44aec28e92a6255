import { parseId } from "../domain/identifiers.ts";
import type { OrganizationId } from "../domain/identifiers.ts";
import { listen } from "./listen.ts";
import type { Listener } from "./listen.ts";
import type { StoreLog } from "./pool.ts";
import { CHANGE_CHANNEL } from "./revisions.ts";

/** An organization has a new revision: read what is above the one held. */
export interface Change {
  readonly organization: OrganizationId;
  readonly revision: number;
}

/** Hears of every organization's changes. After `onReconnect` any of them may have changed unheard. */
export function subscribe(
  databaseUrl: string,
  handlers: {
    readonly onChange: (change: Change) => void;
    readonly onReconnect: () => void;
    readonly log?: StoreLog | undefined;
  },
): Promise<Listener> {
  return listen({
    databaseUrl,
    channel: CHANGE_CHANNEL,
    onNotification: (payload) => {
      const change = parseChange(payload);
      if (change === undefined) handlers.log?.warn({ payload }, "a notification that is not ours");
      else handlers.onChange(change);
    },
    onReconnect: handlers.onReconnect,
    log: handlers.log,
  });
}

/** Anyone who may connect may notify. */
function parseChange(payload: string): Change | undefined {
  const match = /^\{"organization":"([0-9a-f-]{36})","revision":(\d+)\}$/.exec(payload);
  const organization = match && parseId<OrganizationId>(match[1]!);
  return organization ? { organization, revision: Number(match[2]) } : undefined;
}
