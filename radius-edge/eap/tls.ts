/** EAP-TLS: RFC 5216, and over TLS 1.3 RFC 9190. */
import { TLSSocket } from "node:tls";
import { type EapFailure, eapFailure } from "./failure.ts";
import type { EapContext, EapEvidence, EapMethod, MethodOffer, Step } from "./method.ts";
import { EAP_TYPE } from "./packet.ts";
import type { EapTlsContext } from "./tls-context.ts";
import { handshakeFailure, judgeClientCertificate } from "./tls-failure.ts";
import { TLS_START, TlsFragments } from "./tls-fragments.ts";
import { TlsTunnel } from "./tls-tunnel.ts";

export const eapTls: MethodOffer = {
  type: EAP_TYPE.tls,
  name: "EAP-TLS",
  open: (context: EapContext, identity: string) => new EapTls(context.tls, identity),
};

/** RFC 5247 §1.2: the MSK is at least 64 octets; the exporters give MSK and EMSK in one. */
const MSK_OCTETS = 64;
const KEY_MATERIAL_OCTETS = 128;

/** RFC 9190 §2.5: the server's promise that no further handshake message follows. */
const COMMITMENT = Buffer.from([0x00]);

/** What an acknowledgement, or anything else that the client now sends, means. */
type Phase =
  | { readonly kind: "handshake" }
  /** Our last flight is out, and the certificate is trusted. */
  | { readonly kind: "finished"; readonly evidence: EapEvidence }
  /** Our alert is out: RFC 5216 §2.1.3 lets the client see it before EAP-Failure. */
  | { readonly kind: "alerted"; readonly failure: EapFailure };

class EapTls implements EapMethod {
  readonly #context: EapTlsContext;
  readonly #identity: string;
  readonly #fragments = new TlsFragments();
  #tunnel: TlsTunnel | undefined;
  #phase: Phase = { kind: "handshake" };

  constructor(context: EapTlsContext, identity: string) {
    this.#context = context;
    this.#identity = identity;
  }

  begin(): Buffer {
    return TLS_START;
  }

  async process(typeData: Buffer, roomOctets: number): Promise<Step> {
    const turn = this.#fragments.receive(typeData, roomOctets);
    switch (turn.kind) {
      case "send":
        return { kind: "request", typeData: turn.typeData };
      case "malformed":
        return failed(eapFailure("protocolError", turn.sentence));
      case "acknowledged":
        return this.#acknowledged();
      case "message":
        return this.#message(turn.bytes, roomOctets);
    }
  }

  close(): void {
    this.#tunnel?.destroy();
  }

  #acknowledged(): Step {
    switch (this.#phase.kind) {
      case "handshake":
        return failed(
          eapFailure("protocolError", "The client acknowledged where the TLS handshake asked it to go on."),
        );
      case "finished":
        return this.#succeed(this.#phase.evidence);
      case "alerted":
        return failed(this.#phase.failure);
    }
  }

  async #message(bytes: Buffer, roomOctets: number): Promise<Step> {
    if (this.#phase.kind === "alerted") return failed(this.#phase.failure);
    // Only now: an Identity costs its sender nothing, a TLS engine costs us 70 KB.
    this.#tunnel ??= this.#open();
    const turn = await this.#tunnel.receive(bytes);
    switch (turn.kind) {
      case "flight":
        return this.#send(turn.bytes, roomOctets);
      case "established":
        return this.#established(this.#tunnel, turn.bytes, roomOctets);
      case "failed": {
        const failure = handshakeFailure(turn.error);
        if (turn.bytes.length === 0) return failed(failure);
        this.#phase = { kind: "alerted", failure };
        return this.#send(turn.bytes, roomOctets);
      }
      case "silent":
        return failed(eapFailure("protocolError", "The client sent an incomplete TLS message, or one out of turn."));
    }
  }

  async #established(tunnel: TlsTunnel, lastFlight: Buffer, roomOctets: number): Promise<Step> {
    const judgement = judgeClientCertificate(tunnel.peer);
    if (judgement.kind === "refused") return failed(judgement.failure);
    const { certificate } = judgement;
    const evidence: EapEvidence = {
      method: "EAP-TLS",
      identity: this.#identity,
      tlsVersion: tunnel.version,
      certificate,
    };
    if (tunnel.version !== "TLSv1.3") return this.#finish(evidence, lastFlight, roomOctets);
    // After the session tickets, which OpenSSL has queued by now: a client reads in order and stops at the commitment.
    const turn = await tunnel.write(COMMITMENT);
    if (turn.kind !== "flight")
      return failed(eapFailure("protocolError", "TLS ended before the handshake was confirmed."));
    return this.#finish(evidence, Buffer.concat([lastFlight, turn.bytes]), roomOctets);
  }

  #finish(evidence: EapEvidence, lastFlight: Buffer, roomOctets: number): Step {
    this.#phase = { kind: "finished", evidence };
    return this.#send(lastFlight, roomOctets);
  }

  #succeed(evidence: EapEvidence): Step {
    if (this.#tunnel === undefined)
      return failed(eapFailure("internalError", "TLS ended before its keys were exported."));
    return { kind: "success", evidence, msk: mskOf(this.#tunnel) };
  }

  #send(bytes: Buffer, roomOctets: number): Step {
    return { kind: "request", typeData: this.#fragments.send(bytes, roomOctets) };
  }

  #open(): TlsTunnel {
    const { secureContext } = this.#context;
    const options = { isServer: true, secureContext, requestCert: true, rejectUnauthorized: false };
    return new TlsTunnel("server", (wire) => new TLSSocket(wire, options));
  }
}

/** RFC 9190 §2.3 with the method's type as context over TLS 1.3; RFC 5216 §2.3 before. Also for the client's end. */
export function mskOf(tunnel: TlsTunnel): Buffer {
  const material =
    tunnel.version === "TLSv1.3"
      ? tunnel.exportKey(KEY_MATERIAL_OCTETS, "EXPORTER_EAP_TLS_Key_Material", Buffer.from([EAP_TYPE.tls]))
      : tunnel.exportKey(KEY_MATERIAL_OCTETS, "client EAP encryption");
  return material.subarray(0, MSK_OCTETS);
}

function failed(failure: EapFailure): Step {
  return { kind: "failure", failure };
}
