import { Counter } from "prom-client";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { openConversations } from "./eap/conversations.ts";
import type { Conversations } from "./eap/conversations.ts";
import { openThreads } from "./eap/threads.ts";
import { processIdAt } from "./process-id.ts";
import type { EdgePlace } from "./process-id.ts";
import { withSiblings } from "./siblings.ts";
import type { SiblingLink } from "./siblings.ts";

/** How an edge runs EAP. */
export interface EapParts {
  /** Absent: in the thread of the sockets. */
  readonly threads?: EapThreads | undefined;
  /** The other processes on the same ports; absent: there are none. */
  readonly siblings?: { readonly place: EdgePlace; readonly link: SiblingLink } | undefined;
}

export interface EapThreads {
  /** 1 or more. */
  readonly count: number;
  /** The script of a thread: `eap/thread.ts`, as it was built. */
  readonly entry: URL;
}

/** Conversations of this process, in its threads or in this one, and the way to those of its siblings. */
export async function openEdgeConversations(
  { threads, siblings }: EapParts,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): Promise<Conversations> {
  const limits = { processId: processIdAt(siblings?.place) };
  const lost = new Counter({
    name: "portcullis_eap_conversations_lost_total",
    help: "EAP conversations that ended with the thread that had them",
    registers: [metrics],
  });
  const own =
    threads === undefined
      ? openConversations(limits)
      : await openThreads({
          ...threads,
          limits,
          onLost: ({ conversations, cause }) => {
            lost.inc(conversations);
            log.error({ err: cause, conversations }, "an EAP thread has ended, with its conversations; another begins");
          },
        });
  if (siblings === undefined) return own;
  const handedOver = new Counter({
    name: "portcullis_eap_handed_over_total",
    help: "EAP packets that came to another process than their conversation's, and were handed to it",
    registers: [metrics],
  });
  return withSiblings(own, { ...siblings, onHandOver: () => handedOver.inc() });
}
