import type { EapContext } from "./method.ts";
import { watchLoop } from "./pace.ts";
import { openEngine, type TlsEngine } from "./tls-engine.ts";
import type { TlsMethodName } from "./tls-keys.ts";

/** Who runs the TLS of conversations. */
export interface TlsRunner {
  open(request: TlsRequest): TlsEngine;
  /** That work at a time. */
  readonly threads: number;
  /** Whether it is ours to work, and neither clients' nor judges', where a conversation takes long. */
  isBusy(this: void): boolean;
}

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
  return {
    open: ({ context, method, hello }) => openEngine(context.tls, method, hello),
    threads: 1,
    isBusy: watchLoop(performance),
  };
}
