/** The server's end of TLS in one conversation of EAP, as the methods use it: whole messages in, and what comes of each. */
import type { CertificateEvidence } from "../../domain/certificate.ts";
import type { CertificateJudgement } from "./client-certificate.ts";
import { type EapFailure, eapFailure } from "./failure.ts";
import type { EapTlsContext } from "./tls-context.ts";
import { handshakeFailure } from "./tls-failure.ts";
import { mskOf, type TlsMethodName } from "./tls-keys.ts";
import { TlsTunnel } from "./tls-tunnel.ts";

/** It may run in another thread than its conversation, and end with it. */
export interface TlsEngine {
  /** Takes one whole TLS message of the client. One call at a time. */
  receive(bytes: Buffer): Promise<EngineTurn>;
  /** Frees it; whoever waits is told that it failed. Safe to call twice. */
  close(): void;
}

export type EngineTurn =
  /** Bytes for the client; the handshake goes on. */
  | { readonly kind: "flight"; readonly bytes: Buffer }
  | Established
  /** `bytes`: our alert for the client, empty when there is none. */
  | { readonly kind: "failed"; readonly failure: EapFailure; readonly bytes: Buffer }
  /** Consumed, and nothing to say. `received`: application data. */
  | { readonly kind: "silent"; readonly received: Buffer }
  /** The thread that had it has ended. */
  | { readonly kind: "lost" };

/** The handshake is over, and with it all that TLS has to do in EAP-TLS. Key material within: never to be logged. */
export interface Established {
  readonly kind: "established";
  /** What TLS has yet to say. A client that is refused must not get it: there are tickets in it. */
  readonly bytes: Buffer;
  /** Application data that came with the client's last flight. */
  readonly received: Buffer;
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  /** Whether the session was resumed instead of negotiated in full. */
  readonly resumed: boolean;
  /** 64 octets. */
  readonly msk: Buffer;
  /** Of EAP-TLS alone; EAP-TTLS asks for no certificate. */
  readonly client: ClientProof | undefined;
}

type ClientProof =
  | (CertificateJudgement & { readonly kind: "refused" })
  /** DER. `intermediates`: what the client sent beside its certificate; nothing when the session was resumed. */
  | {
      readonly kind: "trusted";
      readonly certificate: CertificateEvidence;
      readonly shown: { readonly certificate: Uint8Array; readonly intermediates: readonly Uint8Array[] };
    };

/** RFC 9190 §2.5: the server's promise that no further handshake message follows. */
const COMMITMENT = Buffer.from([0x00]);
const NOTHING = Buffer.alloc(0);

/** An engine in this thread. `hello`: the client's first message, which it is yet to receive. */
export function openEngine(tls: EapTlsContext, method: TlsMethodName, hello: Buffer): TlsEngine {
  const accept = method === "tls" ? tls.acceptTls : tls.acceptTtls;
  const tunnel = new TlsTunnel("server", (wire) => accept(wire, hello));

  /**
   * The records of what we say last follow those of the session tickets, which OpenSSL has queued by now: a client reads in
   * order, and stops at what it awaits. Nothing at all to say brings out what was held back.
   */
  async function establish(flight: Buffer): Promise<EngineTurn> {
    const { version, resumed } = tunnel;
    const rest = await tunnel.write(method === "tls" && version === "TLSv1.3" ? COMMITMENT : NOTHING);
    if (rest.kind === "failed") return { kind: "failed", failure: ENDED, bytes: NOTHING };
    return {
      kind: "established",
      bytes: rest.kind === "silent" ? flight : Buffer.concat([flight, rest.bytes]),
      received: tunnel.takeReceived(),
      version,
      resumed,
      msk: mskOf(tunnel, method),
      client: method === "tls" ? proofOf(tls, tunnel) : undefined,
    };
  }

  return {
    async receive(bytes) {
      const turn = await tunnel.receive(bytes);
      switch (turn.kind) {
        case "flight":
          return turn;
        case "established":
          return establish(turn.bytes);
        case "failed":
          return { kind: "failed", failure: handshakeFailure(turn.error), bytes: turn.bytes };
        case "silent":
          return { kind: "silent", received: tunnel.takeReceived() };
      }
    },
    close: () => tunnel.destroy(),
  };
}

const ENDED = eapFailure("protocolError", "TLS ended when the handshake was over.");

function proofOf(tls: EapTlsContext, { peer }: TlsTunnel): ClientProof {
  const judgement = tls.judge(peer);
  if (judgement.kind === "refused") return judgement;
  const intermediates = peer.intermediates.map(({ raw }) => raw);
  return { ...judgement, shown: { certificate: peer.certificate!.raw, intermediates } };
}
