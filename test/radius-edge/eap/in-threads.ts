import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Conversations, openConversations } from "../../../radius-edge/eap/conversations.ts";
import { openThreads, type ThreadsOptions } from "../../../radius-edge/eap/threads.ts";

/** The script of a thread, of the sources as they stand. */
export const THREAD = pathToFileURL(join(import.meta.dirname, "../../support/eap-thread.mjs"));

/** One that fails when a client says so. */
export const FAILING_THREAD = pathToFileURL(join(import.meta.dirname, "../../support/failing-eap-thread.mjs"));

type Limits = Partial<ThreadsOptions["limits"]>;

export function openInThreads(
  count: number,
  limits: Limits = {},
  onLost = (): void => undefined,
): Promise<Conversations> {
  return openThreads({
    count,
    entry: THREAD,
    limits: { processId: 7, ...limits },
    onLost,
  });
}

/** The same conversations, in this thread and in one of their own. */
export const BOTH: readonly (readonly [string, (limits?: Limits) => Promise<Conversations>])[] = [
  ["in this thread", async (limits = {}) => openConversations({ processId: 7, ...limits })],
  ["in a thread of their own", (limits) => openInThreads(1, limits)],
];
