import type { EapContext } from "./method.ts";
import { watchLoop } from "./pace.ts";
import { openEngine, type TlsEngine } from "./tls-engine.ts";
import type { TlsMethodName } from "./tls-keys.ts";

/** Who runs the TLS of conversations. */
export interface TlsRunner {
  readonly threads: readonly TlsThread[];
  /** The one that runs the TLS of this client. */
  threadOf(client: TlsClient): TlsThread;
}

export interface TlsThread {
  open(request: TlsRequest): TlsEngine;
  /** Why no conversation should begin that will need it. */
  readonly hindrance: Hindrance | undefined;
  /** Whether it is ours to work, and neither clients' nor judges', where a conversation takes long. */
  isBusy(this: void): boolean;
}

export interface Hindrance {
  readonly reason: "full" | "nasFull" | "lost";
  readonly sentence: string;
}

type TlsClient = Pick<TlsRequest, "context" | "nas">;

export interface TlsRequest {
  /** That the conversation began with. */
  readonly context: EapContext;
  readonly nas: string;
  readonly method: TlsMethodName;
  /** The client's first message, which the engine is yet to receive. */
  readonly hello: Buffer;
  /** The engine has ended unasked. */
  readonly onLost: () => void;
}

/** In the thread that asks. */
export function runHere(): TlsRunner {
  const here: TlsThread = {
    open: ({ context, method, hello }) => openEngine(context.tls, method, hello),
    hindrance: undefined,
    isBusy: watchLoop(performance),
  };
  return { threads: [here], threadOf: () => here };
}
