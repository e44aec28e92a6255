/**
 * One end of a TLS connection whose bytes go through our hands: a node:tls socket over a Duplex in memory.
 *
 * When may a flight leave? Counting event-loop turns would tie us to Node's insides, so each wait here is for a fact:
 * - The engine works synchronously while the wire's `data` listeners run, and ours is registered after its own: when
 *   ours runs, the peer's bytes have been consumed, and output, error and end of handshake are visible.
 * - `secure` is emitted from within OpenSSL *before* the handshake's last flight is written, so it never flushes by
 *   itself: it only tells whether output must still follow (`#owesLastFlight`).
 * - Output can be held back while an earlier write completes; then the output itself, or the write's callback, is awaited.
 */
import type { X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { chainFault } from "./chain-fault.ts";

export type TunnelTurn =
  /** Bytes for the peer; the handshake goes on. */
  | { readonly kind: "flight"; readonly bytes: Buffer }
  /** The handshake is done, here. `bytes` is our last flight; empty when the peer's was the last. */
  | { readonly kind: "established"; readonly bytes: Buffer }
  /** The engine gave up. `bytes` is its alert for the peer, empty when the peer's alert ended it. */
  | { readonly kind: "failed"; readonly error: TlsError; readonly bytes: Buffer }
  /** Consumed, and nothing to say: before the handshake's end, the peer's message was incomplete. */
  | { readonly kind: "silent" };

/** As Node gives it: `code` such as `ERR_SSL_NO_SHARED_CIPHER`, `library` such as `SSL routines`. */
export type TlsError = Error & { readonly code?: string; readonly library?: string };

/** `code` is OpenSSL's, such as `CERT_HAS_EXPIRED`; `undefined`: the chain leads to a trusted authority. */
export interface PeerCertificate {
  readonly certificate: X509Certificate | undefined;
  /** What the peer sent beside it, in its order; none when the session was resumed. */
  readonly intermediates: readonly X509Certificate[];
  readonly code: string | undefined;
}

/** Made once: every tunnel is closed, and an error's stack is dear. */
const CLOSED: TlsError = new Error("TLS closed");
/** How long an engine that consumed bytes and owes nothing may think before we call its silence an answer. */
const SILENCE_MS = 50;

export class TlsTunnel {
  readonly #wire: Duplex;
  readonly #socket: TLSSocket;
  readonly #side: "server" | "client";
  #out: Buffer[] = [];
  #received: Buffer[] = [];
  #secure = false;
  #error: TlsError | undefined;
  /** Looks again at the fact that is waited for. */
  #wake: () => void = () => {};

  /** `connect` lays TLS over the wire: a `TLSSocket` with `isServer`, or `tls.connect`. */
  constructor(side: "server" | "client", connect: (wire: Duplex) => TLSSocket) {
    this.#side = side;
    this.#wire = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#out.push(chunk);
        done();
        this.#wake();
      },
    });
    this.#socket = connect(this.#wire);
    this.#socket.on("secure", () => {
      this.#secure = true;
      this.#wake();
    });
    this.#socket.on("data", (bytes: Buffer) => this.#received.push(bytes));
    // Errors after the handshake surface only as `_tlsError`, those before it only as `error`.
    for (const event of ["error", "_tlsError"]) this.#socket.on(event, (error: TlsError) => this.#fail(error));
    this.#wire.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(CLOSED));
  }

  /** The client's first flight. */
  async begin(): Promise<TunnelTurn> {
    await this.#until(() => this.#out.length > 0 || this.#failed());
    return this.#turn(false);
  }

  /** Feeds one whole TLS message of the peer and tells what came of it. One call at a time. */
  async receive(bytes: Buffer): Promise<TunnelTurn> {
    if (this.#failed()) return this.#turn(false);
    const wasSecure = this.#secure;
    let consumed = false;
    this.#wire.once("data", () => {
      consumed = true;
      this.#wake();
    });
    this.#wire.push(bytes);
    await this.#until(() => consumed || this.#failed());
    if (wasSecure) return this.#turn(false);
    const done = (): boolean => this.#out.length > 0 || (this.#secure && !this.#owesLastFlight());
    await this.#until(() => done() || this.#failed(), SILENCE_MS);
    return this.#turn(this.#secure);
  }

  /** Sends application data, or with an empty buffer only what is held back; resolves with all that left for the peer until then, in order. */
  async write(bytes: Buffer): Promise<TunnelTurn> {
    let written = false;
    this.#socket.write(bytes, () => {
      written = true;
      this.#wake();
    });
    await this.#until(() => written || this.#failed());
    return this.#turn(false);
  }

  /** Application data received since the last call. */
  takeReceived(): Buffer {
    return Buffer.concat(this.#received.splice(0));
  }

  /** `TLSv1.2` or `TLSv1.3`. */
  get version(): string {
    return this.#socket.getProtocol() ?? "none";
  }

  /** Whether the session was resumed instead of negotiated in full. */
  get resumed(): boolean {
    return this.#socket.isSessionReused();
  }

  /** The peer's own certificate and OpenSSL's verdict on its chain. Node never fails a handshake for the verdict. */
  get peer(): PeerCertificate {
    const certificate = this.#socket.getPeerX509Certificate();
    return { certificate, intermediates: sentBeside(certificate), code: chainFault(this.#socket)?.code };
  }

  /** Keying material of RFC 5705 and RFC 8446 §7.5. */
  exportKey(octets: number, label: string, context?: Buffer): Buffer {
    // Node tells "no context" from "empty context" by the number of arguments; its types know only the latter.
    const exporter = this.#socket.exportKeyingMaterial.bind(this.#socket) as (...args: unknown[]) => Buffer;
    return context === undefined ? exporter(octets, label) : exporter(octets, label, context);
  }

  /** Frees the engine; whoever waits is told that it failed. */
  destroy(): void {
    this.#fail(CLOSED);
    this.#socket.destroy();
    this.#wire.destroy();
  }

  #fail(error: TlsError): void {
    this.#error ??= this.#socket.errored ?? error;
    this.#wake();
  }

  /** Node destroys a socket whose handshake failed at once, and emits `error` later. */
  #failed(): boolean {
    this.#error ??= this.#socket.errored ?? undefined;
    return this.#error !== undefined;
  }

  /**
   * Whether the handshake ends with our bytes. TLS 1.3: the client's Finished is last (RFC 8446 §2); what a server adds
   * then is not handshake. TLS 1.2: the server's, but the client's when resumed (RFC 5246 §7.3).
   */
  #owesLastFlight(): boolean {
    const last = this.version === "TLSv1.3" || this.resumed ? "client" : "server";
    return last === this.#side;
  }

  /** Waits for `fact`, looked at whenever something happens; `patienceMs` bounds the wait. */
  async #until(fact: () => boolean, patienceMs?: number): Promise<void> {
    if (fact()) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        if (fact()) resolve();
      };
      // A thread that was held up has timers run out first: what the engine held back comes only after them.
      if (patienceMs !== undefined) timer = setTimeout(() => setImmediate(resolve), patienceMs);
    });
    clearTimeout(timer);
    this.#wake = () => {};
  }

  #turn(established: boolean): TunnelTurn {
    const bytes = Buffer.concat(this.#out.splice(0));
    if (this.#failed()) return { kind: "failed", error: this.#error!, bytes };
    if (established) return { kind: "established", bytes };
    return bytes.length > 0 ? { kind: "flight", bytes } : { kind: "silent" };
  }
}

/** Node links the certificates that came in one message, whoever issued whom. */
function sentBeside(certificate: X509Certificate | undefined): readonly X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (let next = certificate?.issuerCertificate; next !== undefined; next = next.issuerCertificate) sent.push(next);
  return sent;
}
